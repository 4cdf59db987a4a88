"""The heat map: a cell an agent, by tag, in one of a few levels that a legend names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dashboard.compare.measures import Measure
from dashboard.fleet.lines import Line
from dashboard.fleet.state import HIGH_PERCENT

CELLS_AT_MOST: Final = 600
NO_TAG: Final = "No tag"
_SHARES: Final = (0, 20, 40, 60, 75, HIGH_PERCENT)
"""Where levels of a percentage begin; the last is what counts as a warning elsewhere too."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One agent. Its level counts from 1, and is 0 where it says nothing."""

    line: Line
    value: float | None
    level: int


@dataclass(frozen=True, slots=True)
class HeatGroup:
    """The agents of one tag that are on this page; `total` and `mean` are of all that have it."""

    title: str
    cells: Sequence[Cell]
    total: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """Where each level begins. `is_share` where the last one is a warning."""

    starts: Sequence[float]
    is_share: bool

    @classmethod
    def of(cls, measure: Measure, values: Sequence[float]) -> Scale:
        """Return the scale of a percentage, or six equal steps up to the highest value."""
        if measure.maximum is not None:
            return cls(_SHARES, is_share=True)
        highest = max(values, default=0)
        top = highest if highest > 0 else 1
        return cls([top * step / len(_SHARES) for step in range(len(_SHARES))], is_share=False)

    def level(self, value: float | None) -> int:
        """Return the level of a value, 0 of none."""
        if value is None:
            return 0
        return max(1, sum(value >= start for start in self.starts))

    def legend(self, measure: Measure) -> list[tuple[int, str]]:
        """Return each level with the values it stands for."""
        texts = [measure.text(start) for start in self.starts]
        named = [f"{low} to {high}" for low, high in pairwise(texts)]
        return list(enumerate([*named, f"{texts[-1]} and more"], start=1))


def grouped(
    lines: Sequence[Line], values: Mapping[int, float], tag: str
) -> list[tuple[str, list[Line]]]:
    """Return the agents by tag, each under every tag it has, the highest first."""
    titles = [tag] if tag else sorted({each for line in lines for each in line.tags})
    groups = [(title, [line for line in lines if title in line.tags]) for title in titles]
    if not tag:
        groups.append((NO_TAG, [line for line in lines if not line.tags]))

    def place(line: Line) -> tuple[float, str]:
        return -values.get(line.pk, float("-inf")), line.name.casefold()

    return [(title, sorted(found, key=place)) for title, found in groups if found]


def cells_of(
    groups: Sequence[tuple[str, list[Line]]],
    values: Mapping[int, float],
    scale: Scale,
    *,
    page: int,
) -> list[HeatGroup]:
    """Return the groups with those of their cells that are on a page of CELLS_AT_MOST."""
    first = (page - 1) * CELLS_AT_MOST
    shown, at = [], 0
    for title, lines in groups:
        start, end = max(0, first - at), max(0, first + CELLS_AT_MOST - at)
        at += len(lines)
        cells = [
            Cell(line, values.get(line.pk), scale.level(values.get(line.pk)))
            for line in lines[start:end]
        ]
        known = [values[line.pk] for line in lines if line.pk in values]
        if cells:
            mean = sum(known) / len(known) if known else None
            shown.append(HeatGroup(title, cells, len(lines), mean))
    return shown
