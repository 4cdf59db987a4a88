"""Histories as path data for SVG, on one scale so that they compare. A gap stays a gap."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from dashboard.compare.history import History, Numbers
from dashboard.compare.measures import Measure

HEIGHT: Final = 400
_TICKS: Final = 4
_LEAST: Final = 1e-9
"""What is less is drawn as nothing: powers of ten end before the numbers that may be sent do."""

_TIMES: Final = 6
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_STEPS: Final = (
    *(600, 1800, _HOUR, 2 * _HOUR, 4 * _HOUR, 6 * _HOUR, 12 * _HOUR),
    *(_DAY, 2 * _DAY, 5 * _DAY, 10 * _DAY, 15 * _DAY, 30 * _DAY, 60 * _DAY),
)
"""Seconds between two times on the axis."""

_ROUND: Final = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line, and the band between lowest and highest samples, in a box of width by HEIGHT."""

    width: int
    line: str
    band: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where it is, in parts of HEIGHT from the top, and what it stands for."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on the axis: `x` in percent from the left, and the seconds to the next one."""

    x: float
    at: datetime
    step: int


def top_of(values: Iterable[float | None], measure: Measure) -> float:
    """Return the end of the scale: that of the measure, or a round number over the highest value.

    A quarter of it is round too, for the lines of the grid.
    """
    if measure.maximum is not None:
        return measure.maximum
    highest = max((value for value in values if value is not None), default=0.0)
    if highest < _LEAST:
        return 1
    power = 10.0 ** math.floor(math.log10(highest))
    return power * next(step for step in _ROUND if step * power >= highest)


def ticks(top: float, measure: Measure) -> list[Tick]:
    """Return the lines of the grid from the top down to nothing."""
    return [
        Tick(HEIGHT * step / _TICKS, measure.text(top * (_TICKS - step) / _TICKS))
        for step in range(_TICKS + 1)
    ]


def moments(start: datetime, end: datetime) -> list[Moment]:
    """Return at most _TIMES round times from `start` to `end`, which are round in UTC."""
    since, span = start.timestamp(), (end - start).total_seconds()
    step = next((step for step in _STEPS if span / step <= _TIMES), _STEPS[-1])
    first = math.ceil(since / step) * step
    return [
        Moment(round((at - since) / span * 100, 2), datetime.fromtimestamp(at, UTC), step)
        for at in range(first, math.floor(since + span) + 1, step)
    ]


def drawing_of(history: History, top: float) -> Drawing:
    """Return one history drawn from 0 to `top`."""
    runs = _runs(history.mean)
    mean, low, high = (
        _heights(column, top) for column in (history.mean, history.minimum, history.maximum)
    )
    return Drawing(
        width=max(1, len(history.mean) - 1),
        line="".join(_line(run, mean) for run in runs),
        band="".join(_band(run, low, high) for run in runs),
    )


def _runs(values: Numbers) -> list[list[int]]:
    """Return the positions of each stretch without a gap."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return []
    return [run.tolist() for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)]


def _heights(values: Numbers, top: float) -> list[int]:
    share = np.clip(np.nan_to_num(values) / top, 0, 1)
    heights: list[int] = np.rint((HEIGHT - 2) * (1 - share) + 1).astype(int).tolist()
    return heights


def _line(run: Sequence[int], y: Sequence[int]) -> str:
    points = [f"{at} {y[at]}" for at in run]
    if len(run) == 1:
        points.append(f"{run[0] + 1} {y[run[0]]}")
    return "M" + "L".join(points)


def _band(run: Sequence[int], low: Sequence[int], high: Sequence[int]) -> str:
    if len(run) == 1:
        return ""
    upper = [f"{at} {high[at]}" for at in run]
    lower = [f"{at} {low[at]}" for at in reversed(run)]
    return "M" + "L".join([*upper, *lower]) + "z"
