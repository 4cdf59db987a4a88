"""Buckets: a grid of equal spans aligned to UTC, and the minimum, mean and maximum within each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

STEPS_SECONDS: Sequence[int] = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400),
)
"""The spans a bucket may have, each a divisor of a day, so that buckets of all days line up."""

_DAY_SECONDS = 86_400


class Column(NamedTuple):
    """One series as it was sampled: times in ms (int64, ascending) and values (float64)."""

    times_ms: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


class Reduced(NamedTuple):
    """One number a bucket, None for a bucket without samples."""

    mean: list[float | None]
    minimum: list[float | None]
    maximum: list[float | None]


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
        return [(self.start_ms + index * self.step_ms) / 1000 for index in range(self.count)]


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


def reduce(column: Column, grid: Grid) -> Reduced:
    """Return the mean, minimum and maximum of `column` in each bucket of `grid`."""
    index = (column.times_ms - grid.start_ms) // grid.step_ms
    inside = (index >= 0) & (index < grid.count)
    index, values = index[inside], column.values[inside]
    filled, starts = np.unique(index, return_index=True)
    if not len(filled):
        empty: list[float | None] = [None] * grid.count
        return Reduced(empty, list(empty), list(empty))
    counts = np.diff(np.append(starts, len(values)))
    return Reduced(
        mean=spread(np.add.reduceat(values, starts) / counts, filled, grid.count),
        minimum=spread(np.minimum.reduceat(values, starts), filled, grid.count),
        maximum=spread(np.maximum.reduceat(values, starts), filled, grid.count),
    )


def spread(
    numbers: npt.NDArray[np.float64], at: npt.NDArray[np.int64], count: int
) -> list[float | None]:
    """Return a list of `count` with the numbers at these places, None elsewhere."""
    out = np.full(count, None, dtype=object)
    out[at] = numbers.astype(object)
    filled: list[float | None] = out.tolist()
    return filled


def _whole_days(span_ms: int, points: int, at_least_seconds: int) -> int:
    """Return a step of whole days, in seconds, that is long enough for any span and spacing."""
    days = span_ms // (_DAY_SECONDS * 1000 * max(1, points - 1)) + 1
    return max(days, -(-at_least_seconds // _DAY_SECONDS)) * _DAY_SECONDS


def _floor_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
