"""What an agent's interfaces have carried today, this month and since a billing day."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from agents.models import Agent
from metrics.queries import series

RECEIVED: Final = "network_received_bytes_per_second"
SENT: Final = "network_sent_bytes_per_second"

_POINTS: Final = 31 * 24 * 4 + 2
"""A month of quarters of an hour: at such a moment the days of every time zone begin."""

INTERFACES_MAXIMUM: Final = 8

Values = npt.NDArray[np.float64]


class Volume(msgspec.Struct, frozen=True):
    """Bytes of one interface in one period."""

    received_bytes: float
    sent_bytes: float


class Interface(msgspec.Struct, frozen=True):
    """One interface, with a volume for each period."""

    name: str
    volumes: list[Volume]


class Period(msgspec.Struct, frozen=True):
    """A stretch of time up to now; `start` is Unix seconds."""

    title: str
    start: float


class Traffic(msgspec.Struct, frozen=True):
    """What each interface carried in each period; the busiest come first, `left_out` are more."""

    periods: list[Period]
    interfaces: list[Interface]
    left_out: int


def traffic_of(agent: Agent, *, zone: ZoneInfo, now: datetime) -> Traffic:
    """Return what was carried in the days and months of `zone`. Gaps carry nothing."""
    periods = _periods(agent.billing_day, zone=zone, now=now)
    start = min(period.start for period in periods)
    first = datetime.fromtimestamp(start, tz=zone)
    page = series(agent, [RECEIVED, SENT], start=first, end=now, points=_POINTS)
    times = np.array(page.times)
    # The bucket at hand is not over yet.
    seconds = np.clip(now.timestamp() - times, 0, page.step_seconds)
    lengths = [np.where(times >= period.start, seconds, 0) for period in periods]
    rates = {tuple(key): found.mean for key, found in page.series.items()}
    interfaces = [
        Interface(name, [_volume(rates, name, length) for length in lengths])
        for name in sorted({key.instance for key in page.series})
    ]
    interfaces.sort(key=_busyness, reverse=True)
    shown = interfaces[:INTERFACES_MAXIMUM]
    return Traffic(periods, shown, left_out=len(interfaces) - len(shown))


def _periods(billing_day: int, *, zone: ZoneInfo, now: datetime) -> list[Period]:
    today = now.astimezone(zone).date()
    starts = {"Today": today, "This month": today.replace(day=1)}
    if billing_day != 1:
        starts[f"Since day {billing_day}"] = month_since(billing_day, today=today)
    return [
        Period(title, datetime.combine(day, time.min, tzinfo=zone).timestamp())
        for title, day in starts.items()
    ]


def month_since(day: int, *, today: date) -> date:
    """Return the last time it was this day of a month; the last one of a month without it."""
    year, month = today.year, today.month
    if today.day < _within(year, month, day):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return date(year, month, _within(year, month, day))


def _within(year: int, month: int, day: int) -> int:
    return min(day, calendar.monthrange(year, month)[1])


def _volume(rates: Mapping[tuple[str, ...], Values], name: str, seconds: Values) -> Volume:
    nothing = np.zeros_like(seconds)
    received, sent = (
        float(np.nansum(rates.get((metric, name), nothing) * seconds))
        for metric in (RECEIVED, SENT)
    )
    return Volume(received, sent)


def _busyness(interface: Interface) -> float:
    return max(volume.received_bytes + volume.sent_bytes for volume in interface.volumes)
