"""What a request asks for, read from its query string. Whatever is wrong raises ApiError."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from django.http import QueryDict

from agents.models import validate_agent_id
from agents.status import AgentStatus
from metrics import catalog
from metrics.api.errors import ApiError
from metrics.names import METRICS_MAXIMUM, STRING_MAXIMUM, SeriesKey
from metrics.wire import TIME_MAXIMUM, TIME_MINIMUM

AGENTS_DEFAULT: Final = 100
AGENTS_MAXIMUM: Final = 1000
POINTS_MINIMUM: Final = 2
"""Buckets are aligned to UTC, so even the shortest range may touch two."""

POINTS_DEFAULT: Final = 481
POINTS_MAXIMUM: Final = 2000
SPAN_DEFAULT: Final = timedelta(hours=24)
SPAN_MAXIMUM: Final = timedelta(days=3660)
FORMATS: Final = ("json", "csv")

_UNIX: Final = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_WHOLE: Final = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class AgentsQuery:
    """Which agents: at most `limit` of those whose id sorts behind `after`. Empty asks for all."""

    tag: str
    status: AgentStatus | None
    after: str
    limit: int

    @classmethod
    def of(cls, parameters: QueryDict) -> AgentsQuery:
        """Return what the parameters ask for. Raises ApiError."""
        _check_names(parameters, ("tag", "status", "after", "limit"))
        after = parameters.get("after", "")
        if after and not is_agent_id(after):
            raise ApiError("after", "after must be the id of an agent.", field="after")
        return cls(
            tag=_text(parameters, "tag"),
            status=_status(parameters.get("status", "")),
            after=after,
            limit=_whole(parameters, "limit", AGENTS_DEFAULT, 1, AGENTS_MAXIMUM),
        )


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Which series over which span. `metrics` is None for all, `instance` a glob or None."""

    metrics: tuple[str, ...] | None
    instance: str | None
    start: datetime
    end: datetime
    points: int
    format: str

    @classmethod
    def of(cls, parameters: QueryDict, *, now: datetime) -> SeriesQuery:
        """Return what the parameters ask for, up to `now` by default. Raises ApiError."""
        _check_names(parameters, ("metric", "instance", "start", "end", "points", "format"))
        end = _moment(parameters, "end") or now
        start = _moment(parameters, "start") or end - SPAN_DEFAULT
        _check_span(start, end)
        return cls(
            metrics=_metrics(parameters.getlist("metric")),
            instance=_text(parameters, "instance") if "instance" in parameters else None,
            start=start,
            end=end,
            points=_whole(parameters, "points", POINTS_DEFAULT, POINTS_MINIMUM, POINTS_MAXIMUM),
            format=_format(parameters.get("format", "json")),
        )

    def takes(self, key: SeriesKey) -> bool:
        """True if the series is one of those asked for."""
        return (self.metrics is None or key.metric in self.metrics) and (
            self.instance is None or fnmatchcase(key.instance, self.instance)
        )


def check_none(parameters: QueryDict) -> None:
    """Refuse parameters where none are taken. Raises ApiError."""
    _check_names(parameters, ())


def is_agent_id(text: str) -> bool:
    """True if an agent may be called so."""
    return validate_agent_id.regex.fullmatch(text) is not None  # type: ignore[union-attr]


def _check_names(parameters: QueryDict, taken: Collection[str]) -> None:
    """Refuse a mistyped name, which would else pass for asking for everything."""
    for name in parameters:
        if name not in taken:
            known = f"Taken are {', '.join(taken)}." if taken else "None are taken here."
            detail = f"There is no parameter {_shown(name)}. {known}"
            raise ApiError("parameter", detail, field=name[:STRING_MAXIMUM])


def _status(text: str) -> AgentStatus | None:
    if not text:
        return None
    if text not in set(AgentStatus):
        detail = f"status must be one of {', '.join(AgentStatus)}."
        raise ApiError("status", detail, field="status")
    return AgentStatus(text)


def _metrics(given: list[str]) -> tuple[str, ...] | None:
    """Return each metric once, in the order given; repeated and comma-separated ones alike."""
    if not given:
        return None
    names = tuple(dict.fromkeys(name.strip() for text in given for name in text.split(",")))
    if len(names) > METRICS_MAXIMUM:
        detail = f"At most {METRICS_MAXIMUM} metrics are taken at once."
        raise ApiError("metric", detail, field="metric", limit=METRICS_MAXIMUM)
    for name in names:
        if not catalog.is_well_formed(name):
            detail = f"{_shown(name)} is no metric's name. /api/v1/metrics/ lists the known ones."
            raise ApiError("metric", detail, field="metric")
    return names


def _moment(parameters: QueryDict, name: str) -> datetime | None:
    """Return a moment given as Unix seconds or ISO 8601, in UTC where it names no zone."""
    text = parameters.get(name, "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if _UNIX.fullmatch(text) else _iso_seconds(text)
    except (ValueError, OverflowError) as error:
        detail = f"{name} must be Unix seconds or ISO 8601, such as 2026-11-25T06:00:00Z."
        raise ApiError("time", detail, field=name) from error
    if not TIME_MINIMUM <= seconds < TIME_MAXIMUM:
        detail = f"{name} must lie within 2000 to 2100, in seconds, not milliseconds."
        raise ApiError("time", detail, field=name)
    return datetime.fromtimestamp(seconds, tz=UTC)


def _iso_seconds(text: str) -> float:
    # A plus in an address that was not escaped arrives as a space.
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _check_span(start: datetime, end: datetime) -> None:
    if start >= end:
        raise ApiError("range", "start must lie before end.", field="start")
    if end - start > SPAN_MAXIMUM:
        days = SPAN_MAXIMUM.days
        detail = f"A range has at most {days} days."
        raise ApiError("range", detail, field="start", limit=days)


def _whole(parameters: QueryDict, name: str, default: int, least: int, most: int) -> int:
    text = parameters.get(name, "").strip()
    if not text:
        return default
    if not (_WHOLE.fullmatch(text) and text.isascii() and least <= int(text) <= most):
        detail = f"{name} must be a whole number from {least} to {most}."
        raise ApiError("number", detail, field=name, limit=most)
    return int(text)


def _format(text: str) -> str:
    if text not in FORMATS:
        raise ApiError("format", f"format must be {' or '.join(FORMATS)}.", field="format")
    return text


def _text(parameters: QueryDict, name: str) -> str:
    text = parameters.get(name, "")
    if len(text) > STRING_MAXIMUM:
        detail = f"{name} has at most {STRING_MAXIMUM} characters."
        raise ApiError("text", detail, field=name, limit=STRING_MAXIMUM)
    return text


def _shown(text: str) -> str:
    return repr(text[:70])
