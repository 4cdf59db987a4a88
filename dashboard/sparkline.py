"""Sparklines and meters as numbers for SVG: a content security policy forbids inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from dashboard import units

WIDTH: Final = 112
HEIGHT: Final = 24
_PERCENT_MAXIMUM: Final = 100


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line and the area under it, as path data in a WIDTH by HEIGHT box. A gap stays a gap."""

    line: str
    area: str
    label: str

    @classmethod
    def of_percent(cls, values: Sequence[float | None]) -> Self | None:
        """Draw values on a fixed scale of 0 to 100, so that rows compare; None without a value."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        runs = _runs(values)
        label = f"{units.percent(min(known))} to {units.percent(max(known))} in the last hour"
        return cls(
            line="".join(_line(run) for run in runs),
            area="".join(_area(run) for run in runs),
            label=label,
        )


def _runs(values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    """Return the points of each stretch without a gap."""
    step = WIDTH / max(1, len(values) - 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        share = min(max(value, 0), _PERCENT_MAXIMUM) / _PERCENT_MAXIMUM
        runs[-1].append((round(position * step, 1), round((HEIGHT - 1) * (1 - share) + 0.5, 1)))
    return [run for run in runs if run]


def _line(run: Sequence[tuple[float, float]]) -> str:
    points = run if len(run) > 1 else [run[0], (run[0][0] + 1, run[0][1])]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _area(run: Sequence[tuple[float, float]]) -> str:
    first, last = run[0][0], run[-1][0]
    return f"{_line(run)}L{last:g} {HEIGHT}L{first:g} {HEIGHT}Z"
