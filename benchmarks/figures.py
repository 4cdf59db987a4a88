"""What a benchmark prints: a table for people and one line of JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

Value = str | int | float | None
Figures = Mapping[str, Value]


def median_of(runs: Sequence[Figures]) -> dict[str, Value]:
    """Return the median of each number over runs of one thing; words are those of the first."""
    return {name: _median([run[name] for run in runs]) for name in runs[0]}


def quantile(ascending: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed; NaN of none."""
    if not ascending:
        return float("nan")
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


def ratios(ours: Figures, peers: Figures, names: Sequence[str]) -> dict[str, Value]:
    """Return ours divided by the peer's, of the figures named."""
    pairs = {name: (ours[name], peers[name]) for name in names}
    return {
        name: round(mine / other, 2)
        for name, (mine, other) in pairs.items()
        if isinstance(mine, int | float) and isinstance(other, int | float) and other
    }


def show(name: str, rows: Sequence[Figures]) -> None:
    """Print rows as a table under a heading, then as JSON with where and when they were taken."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{name}")
    for line in cells:
        pairs = zip(line, widths, strict=True)
        print("  ".join(f"{cell:>{width}}" for cell, width in pairs).rstrip())
    taken = {"at": datetime.now(tz=UTC).isoformat(timespec="seconds")}
    where = {"machine": platform.machine(), "cores": os.cpu_count(), "python": _python()}
    print(json.dumps({"benchmark": name, **taken, **where, "rows": list(rows)}), flush=True)


def _median(values: Sequence[Value]) -> Value:
    numbers = [value for value in values if isinstance(value, int | float)]
    return statistics.median(numbers) if len(numbers) == len(values) else values[0]


def _cell(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value


def _python() -> str:
    return platform.python_version()
