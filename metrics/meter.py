"""Meters of ingest: requests, samples, values and how long they took, a row a minute and process.

Counting is on the hot path, so it takes 0.6 microseconds and no query; a finished minute is one
short insert, made after the answer's own transaction. Times go into bins 5 % apart, so that a
minute of any number of requests is a few hundred counts.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import log
from typing import Final

from django.db import DatabaseError
from django.db.models import Max, Min, Sum

from metrics.models import IngestMinute

MINUTE: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=7)
RATE_OVER: Final = timedelta(minutes=5)
DAY: Final = timedelta(days=1)
TOO_SHORT: Final = timedelta(hours=1)
"""A day's rate is not told from less."""

_MINUTE_SECONDS: Final = 60
_GROWTH: Final = 1.05
_BINS_A_NATURAL: Final = 1 / log(_GROWTH)
_SECOND_US: Final = 1e6
_WAITING_AT_MOST: Final = 60

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Minute:
    """What one minute counted; `bins` maps the exponent of `_GROWTH` in µs to requests."""

    number: int
    requests: int = 0
    samples: int = 0
    values: int = 0
    bins: Counter[int] = field(default_factory=Counter)

    def quantile_us(self, share: float) -> int:
        """Return how long this share of the requests took at most, 5 % off at most."""
        wanted, seen = share * self.requests, 0
        for place in sorted(self.bins):
            seen += self.bins[place]
            if seen >= wanted:
                return round(float(_GROWTH ** (place + 0.5)))
        return 0


class IngestMeter:
    """Counts requests a minute and writes each finished one; safe between threads.

    The minute that runs when the process ends is not written: meters are no bookkeeping.
    """

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._current = _Minute(0)
        self._finished: list[_Minute] = []

    def note(self, seconds: float, *, samples: int, values: int, now: float) -> None:
        """Count one request that took `seconds` and was answered at `now`, Unix seconds."""
        number = int(now) // _MINUTE_SECONDS
        place = int(log(seconds * _SECOND_US) * _BINS_A_NATURAL) if seconds > 1 / _SECOND_US else 0
        with self._lock:
            if number != self._current.number:
                self._turn(number)
            minute = self._current
            minute.requests += 1
            minute.samples += samples
            minute.values += values
            minute.bins[place] += 1

    def flush_due(self, now: float) -> int:
        """Write the minutes that are over at `now`, Unix seconds; return how many that were.

        Call it outside of a transaction. A minute that cannot be written is dropped and logged.
        """
        number = int(now) // _MINUTE_SECONDS
        if not self._finished and number == self._current.number:
            return 0
        with self._lock:
            if number != self._current.number:
                self._turn(number)
            due, self._finished = self._finished, []
        return sum(_write(minute) for minute in due)

    def forget(self) -> None:
        """Drop what was counted, after the database under it was replaced."""
        with self._lock:
            self._current, self._finished = _Minute(0), []

    def _turn(self, number: int) -> None:
        if self._current.requests:
            # Nobody may be there to write them: what waits is bounded.
            self._finished = [*self._finished[1 - _WAITING_AT_MOST :], self._current]
        self._current = _Minute(number)


ingest_meter: Final = IngestMeter()
"""This process's own."""


@dataclass(frozen=True, slots=True)
class IngestRates:
    """What came in lately; no times where nothing did. `p99_seconds` is the worst minute's."""

    requests_per_second: float
    samples_per_second: float
    values_per_second: float
    p50_seconds: float | None
    p99_seconds: float | None


def ingest_rates(*, now: datetime) -> IngestRates:
    """Return what came in over the last five whole minutes. Two queries."""
    last = _floor(now)
    rows = IngestMinute.objects.filter(minute_at__gte=last - RATE_OVER, minute_at__lt=last)
    total = rows.aggregate(Sum("requests"), Sum("samples"), Sum("values_stored"), Max("p99_us"))
    span, requests = RATE_OVER.total_seconds(), total["requests__sum"] or 0
    middles = rows.values_list("p50_us", "requests")
    return IngestRates(
        requests_per_second=requests / span,
        samples_per_second=(total["samples__sum"] or 0) / span,
        values_per_second=(total["values_stored__sum"] or 0) / span,
        # Of minutes, weighted by their requests: a middle of middles, as near as is told apart.
        p50_seconds=sum(us * count for us, count in middles) / requests / _SECOND_US
        if requests
        else None,
        p99_seconds=total["p99_us__max"] / _SECOND_US if requests else None,
    )


def values_per_day(*, now: datetime) -> float | None:
    """Return how many values a day come in, by the last 24 hours; None if less than one is known.

    One query.
    """
    last = _floor(now)
    rows = IngestMinute.objects.filter(minute_at__gte=last - DAY, minute_at__lt=last)
    total = rows.aggregate(first=Min("minute_at"), values=Sum("values_stored"))
    if total["first"] is None or last - total["first"] < TOO_SHORT:
        return None
    return float(total["values"] * (DAY / (last - total["first"])))


def prune(*, now: datetime) -> int:
    """Drop minutes that are kept no longer; return how many there were."""
    return IngestMinute.objects.filter(minute_at__lt=now - KEPT).delete()[0]


def _write(minute: _Minute) -> int:
    try:
        IngestMinute.objects.create(
            minute_at=datetime.fromtimestamp(minute.number * _MINUTE_SECONDS, tz=UTC),
            process=os.getpid(),
            requests=minute.requests,
            samples=minute.samples,
            values_stored=minute.values,
            p50_us=minute.quantile_us(0.5),
            p99_us=minute.quantile_us(0.99),
        )
    except DatabaseError as error:
        logger.warning("a minute's meters were not written: %s", error)
        return 0
    return 1


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
