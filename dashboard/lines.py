"""Which lines a chart of one agent gets: the highest or chosen instances, and one for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from django.http import QueryDict

from dashboard.chart import Chart, Group, Line
from metrics.queries import Series

Key = tuple[str, str]
"""Metric and instance."""

Found = Mapping[Key, Series]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person shows: the open groups (None for all), and instances chosen by chart."""

    groups: frozenset[str] | None = None
    picked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: QueryDict) -> Shown:
        """Return what an address asks for: `open=overview,disks` and `pick=inodes|/var`."""
        picked = defaultdict(set)
        for text in asked.getlist("pick"):
            chart, _, instance = text.partition("|")
            picked[chart].add(instance)
        groups = frozenset(asked.get("open", "").split(",")) if "open" in asked else None
        return cls(groups, {chart: frozenset(names) for chart, names in picked.items()})

    def has(self, group: Group) -> bool:
        """True if the charts of the group are open."""
        return self.groups is None or group in self.groups


class Choice(NamedTuple):
    """Instances with lines of their own, and those that are drawn as one; both in order."""

    own: list[str]
    others: list[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with what there is to draw in it."""

    chart: Chart
    found: Found
    choice: Choice

    @property
    def instances(self) -> list[str]:
        """All there are."""
        return sorted([*self.choice.own, *self.choice.others], key=natural)

    @property
    def has_one_line(self) -> bool:
        """True if a band fits behind it without hiding another line."""
        return len(self.found) == 1

    def own(self) -> Iterable[tuple[Line, str]]:
        """Yield each line that belongs to one instance."""
        for name in self.choice.own:
            for line in self.chart.lines:
                if (line.metric, name) in self.found:
                    yield line, name

    def others(self) -> Iterable[tuple[Line, list[Series]]]:
        """Yield each line that stands for many instances, with theirs."""
        for line in self.chart.lines:
            keys = [(line.metric, name) for name in self.choice.others]
            if series := [self.found[key] for key in keys if key in self.found]:
                yield line, series


def pictures(
    charts: Iterable[Chart],
    series: Iterable[tuple[Key, Series]],
    choose: Callable[[Chart, Found], Choice],
) -> list[Picture]:
    """Return each chart that has something to draw."""
    of_metric: dict[str, dict[Key, Series]] = defaultdict(dict)
    for key, column in series:
        of_metric[key[0]][key] = column
    found = []
    for chart in charts:
        own: dict[Key, Series] = {}
        for line in chart.lines:
            own |= of_metric[line.metric]
        if own:
            found.append(Picture(chart, own, choose(chart, own)))
    return found


def choose(chart: Chart, found: Found, shown: Shown) -> Choice:
    """Return the chosen instances, or the highest, and the rest where they don't all fit."""
    names = sorted({instance for _, instance in found}, key=natural)
    if len(names) <= chart.room:
        return Choice(names, [])
    room = max(1, chart.room - 1)
    chosen = [name for name in names if name in shown.picked.get(chart.name, ())]
    own = set((chosen or sorted(names, key=_peaks(found), reverse=True))[:room])
    return Choice(
        [name for name in names if name in own], [name for name in names if name not in own]
    )


def choose_again(chart: Chart, found: Found, shown: Shown) -> Choice:
    """Return what a page that is drawn has lines for: all, unless it names those it has."""
    names = sorted({instance for _, instance in found}, key=natural)
    own = shown.picked.get(chart.name)
    if own is None:
        return Choice(names, [])
    return Choice(
        [name for name in names if name in own], [name for name in names if name not in own]
    )


def together(chart: Chart, series: Sequence[Series]) -> Values:
    """Return many instances as one line: their sum, or the mean of what cannot be added up."""
    table = np.array([each.mean for each in series])
    held = (~np.isnan(table)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        total = np.nansum(table, axis=0)
        return np.where(held, total if chart.adds_up else total / held, np.nan)


def natural(name: str) -> tuple[int, str]:
    """Order 2 before 10."""
    return (int(name), "") if name.isdecimal() else (0, name)


def _peaks(found: Found) -> Callable[[str], float]:
    peaks: dict[str, float] = defaultdict(lambda: -np.inf)
    for (_, instance), column in found.items():
        peaks[instance] = max(peaks[instance], float(np.nanmax(column.maximum)))
    return lambda name: peaks[name]
