"""The history of one measure for some agents: a number a bucket, and what sums it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.models import Agent
from dashboard.brief import Brief
from dashboard.compare.measures import Measure
from dashboard.fleet.lines import Line
from dashboard.ranges import Range
from metrics.newest import Fold
from metrics.queries import SeriesPage, series

POINTS: Final = 240
SECONDS: Final = 20
"""How long a history serves everybody who compares; a bucket of an hour's is 15 s long."""

_HISTORIES_AT_MOST: Final = 500
_P95: Final = 95

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """One agent's numbers, NaN for a bucket without samples. The arrays are equally long.

    `times` are the starts of buckets of `step_seconds`, in Unix seconds.
    """

    times: Sequence[float]
    step_seconds: float
    mean: Numbers
    minimum: Numbers
    maximum: Numbers

    @property
    def is_empty(self) -> bool:
        """True if there is no sample in the range."""
        return bool(np.isnan(self.mean).all())

    @property
    def average(self) -> float | None:
        """The mean over the range."""
        return None if self.is_empty else float(np.nanmean(self.mean))

    @property
    def p95(self) -> float | None:
        """What 95 % of the buckets' means do not exceed."""
        return None if self.is_empty else float(np.nanpercentile(self.mean, _P95))

    @property
    def highest_mean(self) -> float | None:
        """The highest of the buckets' means, which is where a line without its band ends."""
        return None if self.is_empty else float(np.nanmax(self.mean))

    @property
    def lowest(self) -> float | None:
        """The lowest sample."""
        return None if self.is_empty else float(np.nanmin(self.minimum))

    @property
    def highest(self) -> float | None:
        """The highest sample."""
        return None if self.is_empty else float(np.nanmax(self.maximum))


_histories: Final[Brief[History]] = Brief(seconds=SECONDS, at_most=_HISTORIES_AT_MOST)


def load_histories(
    lines: Sequence[Line], measure: Measure, range_: Range, *, now: datetime
) -> list[History]:
    """Return a history for each line. What it costs grows with the lines: show a page of them."""
    agents = Agent.objects.defer("notes").in_bulk([line.pk for line in lines])

    def read(pk: int) -> History:
        return _read(agents.get(pk), measure, range_, now=now)

    return [
        _histories.get((line.pk, measure.name, range_.name), partial(read, line.pk))
        for line in lines
    ]


def stretches(
    histories: Sequence[History], *, start: datetime, end: datetime, count: int
) -> list[tuple[datetime, list[float | None]]]:
    """Return when each of `count` equal stretches starts, and the mean of each history in it."""
    edges = np.linspace(start.timestamp(), end.timestamp(), count + 1)
    columns = [_means_between(history, edges) for history in histories]
    starts = [datetime.fromtimestamp(edge, tz=UTC) for edge in edges[:-1]]
    return [(at, [column[place] for column in columns]) for place, at in enumerate(starts)]


def _means_between(history: History, edges: Numbers) -> list[float | None]:
    places = np.searchsorted(edges, np.array(history.times), side="right") - 1
    is_known = ~np.isnan(history.mean)
    found: list[float | None] = []
    for place in range(len(edges) - 1):
        inside = history.mean[is_known & (places == place)]
        found.append(float(inside.mean()) if len(inside) else None)
    return found


def forget() -> None:
    """Read everything anew from now on."""
    _histories.forget()


def _read(agent: Agent | None, measure: Measure, range_: Range, *, now: datetime) -> History:
    if agent is None:  # deleted meanwhile
        return History([], 0, *(np.array([]) for _ in range(3)))
    start = now - range_.span
    page = series(agent, [measure.metric], start=start, end=now, points=POINTS)
    return History(
        times=page.times,
        step_seconds=page.step_seconds,
        mean=_folded(page, "mean", measure),
        minimum=_folded(page, "minimum", measure),
        maximum=_folded(page, "maximum", measure),
    )


def _folded(page: SeriesPage, name: str, measure: Measure) -> Numbers:
    """Return all instances as one number a bucket."""
    rows = np.array([getattr(found, name) for found in page.series.values()], dtype=float)
    if not len(rows):
        return np.full(len(page.times), np.nan)
    is_known = ~np.isnan(rows).all(axis=0)
    folded = np.full(rows.shape[1], np.nan)
    reduce = np.nanmax if measure.fold is Fold.HIGHEST else np.nansum
    folded[is_known] = reduce(rows[:, is_known], axis=0) * measure.factor
    return folded
