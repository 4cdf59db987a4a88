"""When the disks of an agent will be full, at the pace of the last day or week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agents.models import Agent
from metrics.queries import Latest, series
from metrics.trends import Trend, trend_of

_BACK: Final = timedelta(days=7)
_STEP_SECONDS: Final = 600
_POINTS: Final = 7 * 24 * 6 + 1
_DAY_SECONDS: Final = 86_400
_FARTHEST_SPANS: Final = 10
"""How many times as far as there is history a forecast may look ahead."""

_FARTHEST_SECONDS: Final = 365 * _DAY_SECONDS

Values = npt.NDArray[np.float64]


class Fate(StrEnum):
    """What becomes of a disk."""

    FULL = "full"
    FILLING = "filling"
    STEADY = "steady"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Pace:
    """How far back it is looked, and every how many steps of _STEP_SECONDS."""

    days: int
    every: int


_PACES: Final = (_Pace(days=1, every=1), _Pace(days=7, every=6))


class Disk(msgspec.Struct, frozen=True):
    """A file system now, and what becomes of it.

    `full_in_seconds` stands where it is filling, and is None where that will take longer than can
    be told; `bytes_per_day` and `days` say at which pace, and of how many days.
    """

    mount: str
    percent: float | None
    free_bytes: float
    total_bytes: float | None
    fate: Fate
    full_in_seconds: float | None = None
    bytes_per_day: float | None = None
    days: int | None = None


def disks_of(agent: Agent, newest: Latest, *, now: datetime) -> list[Disk]:
    """Return each file system that the agent reports, those that fill first before the others."""
    free = newest.instances("disk_free_bytes")
    if not free:
        return []
    page = series(agent, ["disk_free_bytes"], start=now - _BACK, end=now, points=_POINTS)
    times = np.array(page.times)
    columns = {key.instance: found.mean for key, found in page.series.items()}
    percent, total = newest.instances("disk_percent"), newest.instances("disk_total_bytes")
    disks = []
    for mount, free_bytes in free.items():
        forecast = _forecast(free_bytes, times, columns.get(mount))
        disks.append(Disk(mount, percent.get(mount), free_bytes, total.get(mount), *forecast))
    return sorted(disks, key=_urgency)


_Forecast = tuple[Fate, float | None, float | None, int | None]


def _forecast(free_bytes: float, times: Values, column: Values | None) -> _Forecast:
    """Return the soonest end of those that the paces lead to."""
    if free_bytes <= 0:
        return Fate.FULL, 0, None, None
    trends = [(pace, _trend(pace, times, column)) for pace in _PACES] if column is not None else []
    known = [(pace, trend) for pace, trend in trends if trend is not None]
    if not known:
        return Fate.UNKNOWN, None, None, None
    filling = [
        (free_bytes / -trend.per_second, pace, trend)
        for pace, trend in known
        if trend.per_second < 0 and trend.is_certain
    ]
    if not filling:
        return Fate.STEADY, None, None, None
    seconds, pace, trend = min(filling, key=lambda each: each[0])
    is_told = seconds <= min(_FARTHEST_SPANS * trend.span_seconds, _FARTHEST_SECONDS)
    per_day = -trend.per_second * _DAY_SECONDS
    return Fate.FILLING, seconds if is_told else None, per_day, pace.days


def _trend(pace: _Pace, times: Values, column: Values) -> Trend | None:
    since = times[-1] - pace.days * _DAY_SECONDS
    recent = times >= since
    return trend_of(times[recent][:: pace.every], column[recent][:: pace.every])


def _urgency(disk: Disk) -> tuple[int, float, str]:
    order = list(Fate).index(disk.fate)
    return order, disk.full_in_seconds or _FARTHEST_SECONDS * 2, disk.mount
