"""Sparklines as numbers for SVG: a content security policy forbids inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from dashboard import units

HEIGHT: Final = 96
"""Four units a pixel, so that a point is two short whole numbers: a page has thousands of them."""

_PERCENT_MAXIMUM: Final = 100
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line and the area under it, as path data in a box of width by HEIGHT. A gap stays a gap."""

    width: int
    line: str
    area: str
    label: str

    @classmethod
    def of_percent(cls, values: Sequence[float | None], *, of: str = "CPU") -> Self | None:
        """Draw values on a fixed scale of 0 to 100, so that rows compare; None without a value."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        runs = _runs(values)
        low, high = units.percent(min(known)), units.percent(max(known))
        return cls(
            width=max(1, len(values) - 1),
            line="".join(_line(run) for run in runs),
            area="".join(_area(run) for run in runs),
            label=f"{of} {low} to {high} in the last hour",
        )


def _runs(values: Sequence[float | None]) -> list[list[Point]]:
    """Return the points of each stretch without a gap."""
    runs: list[list[Point]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        share = min(max(value, 0), _PERCENT_MAXIMUM) / _PERCENT_MAXIMUM
        runs[-1].append((position, round((HEIGHT - 4) * (1 - share) + 2)))
    return [run for run in runs if run]


def _line(run: Sequence[Point]) -> str:
    """Return "M0 58l1-1 1 3": each point by how far it is from the one before."""
    points = run if len(run) > 1 else [run[0], (run[0][0] + 1, run[0][1])]
    (x, y), steps = points[0], pairwise(points)
    moves = [f"{after[0] - before[0]} {after[1] - before[1]}" for before, after in steps]
    return f"M{x} {y}l" + " ".join(moves).replace(" -", "-")


def _area(run: Sequence[Point]) -> str:
    return f"{_line(run)}V{HEIGHT}H{run[0][0]}z"
