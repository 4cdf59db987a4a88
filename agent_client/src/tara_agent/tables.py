"""A sample as a table for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Sequence[str]


def table_of(sample: Mapping[str, Any]) -> str:
    """Return a line a value, as the sample has it: metric, instance, number; then processes."""
    parts = [aligned([("metric", "instance", "value"), *_values(sample["values"])])]
    processes = sample.get("processes") or []
    if processes:
        heads = tuple(processes[0])
        rows = [tuple(str(process.get(head, "")) for head in heads) for process in processes]
        parts.append(aligned([heads, *rows]))
    return "\n\n".join(parts)


def aligned(rows: Sequence[Row]) -> str:
    """Return rows below each other, the last column to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        *cells, last = zip(row, widths, strict=True)
        left = "  ".join(f"{cell:<{width}}" for cell, width in cells)
        lines.append(f"{left}  {last[0]:>{last[1]}}")
    return "\n".join(lines)


def _values(values: Mapping[str, Any]) -> Iterator[Row]:
    for metric, value in values.items():
        if isinstance(value, dict):
            for instance, number in value.items():
                yield metric, instance, _written(number)
        else:
            yield metric, "", _written(value)


def _written(number: float) -> str:
    """Return the number whole, with thousands apart, so that columns can be compared."""
    return f"{number:,}"
