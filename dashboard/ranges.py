"""The ranges a person may look at, and the buckets each is drawn with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

POINTS: Final = 721
"""The most buckets a chart gets. A day of 2-minute buckets has 720, and one half over."""

_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time up to now. `name` stands in the address."""

    name: str
    title: str
    span: timedelta


RANGES: Final = {
    range_.name: range_
    for range_ in (
        Range("15m", "15 minutes", timedelta(minutes=15)),
        Range("1h", "1 hour", timedelta(hours=1)),
        Range("6h", "6 hours", timedelta(hours=6)),
        Range("24h", "24 hours", timedelta(hours=24)),
    )
}
DEFAULT: Final = RANGES["1h"]


def range_of(name: str | None, *, default: Range = DEFAULT) -> Range:
    """Return the range of that name, the default for any other."""
    return RANGES.get(name or "", default)


def first_range(created_at: datetime, *, now: datetime) -> Range:
    """Return what to show of an agent unasked: of a new one, no hour that is nearly all empty."""
    shortest = RANGES["15m"]
    return shortest if now - created_at < shortest.span else DEFAULT


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a page that is drawn already goes on: the start of a bucket, and their length."""

    after: int
    step: int

    def count(self, now: datetime) -> int:
        """Return how many buckets there are up to `now`, the one at hand included."""
        return max(1, math.ceil((now.timestamp() - self.after) / self.step))


def resume_of(after: str | None, step: str | None, *, now: datetime) -> Resume | None:
    """Return where to go on; None if the two make no sense, or ask for more than a whole page."""
    try:
        resume = Resume(after=int(after or ""), step=int(step or ""))
    except ValueError:
        return None
    is_aligned = 0 < resume.step <= _DAY_SECONDS and resume.after % resume.step == 0
    is_near = is_aligned and 0 <= now.timestamp() - resume.after <= POINTS * resume.step
    return resume if is_near else None
