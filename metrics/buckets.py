"""Buckets: a grid of equal spans aligned to UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

STEPS_SECONDS: Sequence[int] = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400),
)
"""The spans a bucket may have, each a divisor of a day, so that buckets of all days line up."""

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` buckets of `step_ms`; the first starts at `start_ms`, a multiple of `step_ms`."""

    start_ms: int
    step_ms: int
    count: int

    @property
    def end_ms(self) -> int:
        """The end of the last bucket, which is not in it."""
        return self.start_ms + self.step_ms * self.count

    def times(self) -> list[float]:
        """Return the bucket starts in Unix seconds."""
        starts = self.start_ms + self.step_ms * np.arange(self.count)
        times: list[float] = (starts / 1000).tolist()
        return times


def grid(start: datetime, end: datetime, *, points: int, at_least_seconds: int = 1) -> Grid:
    """Return the finest grid over [start, end) with at most `points` buckets.

    No bucket is shorter than `at_least_seconds`: finer ones would be empty every other time, and a
    line drawn through them would look like gaps. `points` is 2 at least: a range however short may
    touch two buckets.
    """
    start_ms, end_ms = _floor_ms(start), _floor_ms(end)
    days = _whole_days(end_ms - start_ms, points, at_least_seconds)
    for step in (*STEPS_SECONDS, days):
        step_ms = step * 1000
        first = start_ms // step_ms
        count = max(1, -(-end_ms // step_ms) - first)
        if step >= at_least_seconds and count <= points:
            return Grid(start_ms=first * step_ms, step_ms=step_ms, count=count)
    raise ValueError(f"No step gives {points} points from {start} to {end}.")


def _whole_days(span_ms: int, points: int, at_least_seconds: int) -> int:
    """Return a step of whole days, in seconds, that is long enough for any span and spacing."""
    days = span_ms // (_DAY_SECONDS * 1000 * max(1, points - 1)) + 1
    return max(days, -(-at_least_seconds // _DAY_SECONDS)) * _DAY_SECONDS


def _floor_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
