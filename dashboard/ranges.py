"""The stretches of time a person may look at, and the buckets each is drawn with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import to_current_timezone

POINTS: Final = 481
"""The most buckets a chart gets: a day of 3 minutes each, and one half over.

As many as a chart has pixels on a desk. With 721 a page weighed 9 KiB more, which nobody saw."""

SPAN_MINIMUM: Final = timedelta(seconds=10)
SPAN_MAXIMUM: Final = timedelta(days=3660)

_STEP_MAXIMUM_SECONDS: Final = 86_400
_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time up to now. `name` stands in the address."""

    name: str
    title: str
    span: timedelta


LIVE: Final = Range("live", "5 minutes", timedelta(minutes=5))
"""What is shown while the agent is asked for a sample every two seconds."""

RANGES: Final = {
    range_.name: range_
    for range_ in (
        Range("15m", "15 minutes", timedelta(minutes=15)),
        Range("1h", "1 hour", timedelta(hours=1)),
        Range("6h", "6 hours", timedelta(hours=6)),
        Range("24h", "24 hours", timedelta(hours=24)),
        Range("7d", "7 days", timedelta(days=7)),
        Range("30d", "30 days", timedelta(days=30)),
        Range("90d", "90 days", timedelta(days=90)),
        Range("1y", "year", timedelta(days=365)),
    )
}
DEFAULT: Final = RANGES["1h"]


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is shown: a range up to now, or from a moment to another.

    `until` is None where it goes on with the clock.
    """

    start: datetime
    end: datetime
    range: Range | None = None
    until: datetime | None = None

    @property
    def is_live(self) -> bool:
        """True where the agent is asked for more samples than it else sends."""
        return self.range is LIVE


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a date and time, in the zone of the request."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str:
        """Return a moment without its zone, which such a field knows nothing of."""
        try:
            moment = to_current_timezone(forms.DateTimeField().clean(value))
        except ValidationError:
            return ""
        return moment.isoformat(timespec="seconds")


class WindowForm(forms.Form):
    """From and to, in UTC where they name no zone. Without `to`, up to now."""

    to = forms.DateTimeField(label="To", required=False)

    def __init__(self, asked: Mapping[str, Any] | None, *, now: datetime) -> None:
        """`now` is the end where none is given."""
        super().__init__(asked, auto_id="window-%s")
        self.now = now
        # Not as an attribute: Python keeps the word for itself.
        self.fields = {"from": forms.DateTimeField(label="From"), **self.fields}
        for field in self.fields.values():
            field.widget = MomentInput(attrs={"step": 1})
            field.error_messages["required"] = "Say from when."
            field.error_messages["invalid"] = "Give a date and time, such as 2026-11-25T06:00:00Z."

    def clean(self) -> dict[str, Any]:
        """Refuse what is no stretch of time with something in it."""
        start, until = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start is None or self.errors:
            return self.cleaned_data
        end = min(until or self.now, self.now)
        if any(moment.year not in _YEARS for moment in (start, until or start)):
            self.add_error("from", "Dates lie within 2000 to 2099.")
        elif start >= self.now:
            self.add_error("from", "This lies in the future, of which there are no samples yet.")
        elif end - start < SPAN_MINIMUM:
            self.add_error("to", "This must lie at least 10 seconds after From.")
        elif end - start > SPAN_MAXIMUM:
            self.add_error("from", f"A range has at most {SPAN_MAXIMUM.days} days.")
        return self.cleaned_data

    def window(self) -> Window:
        """Return the stretch of time of a valid form. It never reaches into the future."""
        start, until = self.cleaned_data["from"], self.cleaned_data["to"]
        return Window(start, min(until or self.now, self.now), until=until)


def is_chosen(asked: Mapping[str, Any]) -> bool:
    """True where an address names from and to, rather than a range."""
    return "from" in asked or "to" in asked


def range_of(name: str | None, *, default: Range = DEFAULT) -> Range:
    """Return the range of that name, the default for any other."""
    return LIVE if name == LIVE.name else RANGES.get(name or "", default)


def up_to(now: datetime, range_: Range) -> Window:
    """Return the range that ends now."""
    return Window(now - range_.span, now, range_)


def first_range(created_at: datetime, *, now: datetime) -> Range:
    """Return what to show of an agent unasked: of a new one, no hour that is nearly all empty."""
    shortest = RANGES["15m"]
    return shortest if now - created_at < shortest.span else DEFAULT


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a page that is drawn already goes on: the start of a bucket, and their length."""

    after: int
    step: int

    @property
    def at(self) -> datetime:
        """When the bucket starts."""
        return datetime.fromtimestamp(self.after, tz=UTC)

    def count(self, end: datetime) -> int:
        """Return how many buckets there are up to `end`, the one at hand included."""
        return max(1, math.ceil((end.timestamp() - self.after) / self.step))


def resume_of(after: str | None, step: str | None, *, end: datetime) -> Resume | None:
    """Return where to go on; None if the two make no sense, or ask for more than a whole page."""
    try:
        resume = Resume(after=int(after or ""), step=int(step or ""))
    except ValueError:
        return None
    is_aligned = 0 < resume.step <= _STEP_MAXIMUM_SECONDS and resume.after % resume.step == 0
    is_near = is_aligned and 0 <= end.timestamp() - resume.after <= POINTS * resume.step
    return resume if is_near else None
