"""The hot log read as columns: batches of one layout are one matrix, a series is a column of it."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metrics.buckets import Column
from metrics.layouts import series_of
from metrics.models import Batch
from metrics.names import SeriesKey

TIME = np.dtype("<i8")
VALUE = np.dtype("<f8")

Parts = dict[SeriesKey, list[Column]]
"""Pieces of each series, in no order, and possibly with samples twice."""


class Row(NamedTuple):
    """What is read of a batch."""

    agent: int
    layout: int
    sample_count: int
    payload: bytes


def pack(times_ms: Sequence[int], values: npt.NDArray[np.float64]) -> bytes:
    """Return the payload of a batch: its times, then its values, a row a sample."""
    return struct.pack(f"<{len(times_ms)}q", *times_ms) + pack_values(values)


def pack_values(values: npt.NDArray[np.float64]) -> bytes:
    """Return rows of values as float64, one behind the other."""
    return values.astype(VALUE, copy=False).tobytes()


def times_between(agent: int, *, first_ms: int, last_ms: int) -> set[int]:
    """Return the times of the agent's samples in batches that touch [first_ms, last_ms]."""
    batches = Batch.objects.filter(agent=agent, last_ms__gte=first_ms, first_ms__lte=last_ms)
    # A batch of one sample, as most are, tells its time without its payload.
    times = set(batches.filter(sample_count=1).values_list("first_ms", flat=True))
    several = batches.filter(sample_count__gt=1).values_list("sample_count", "payload")
    for count, payload in several.iterator():
        times.update(np.frombuffer(payload, TIME, count).tolist())
    return times


def parts(
    agents: Sequence[int], *, metrics: Collection[str] | None, start_ms: int, end_ms: int
) -> dict[int, Parts]:
    """Return each agent's series of `metrics` in batches that touch [start_ms, end_ms).

    All series where `metrics` is None. An agent without samples has an empty entry.
    One query, and one more for layouts not met yet.
    """
    rows = _rows(agents, start_ms=start_ms, end_ms=end_ms)
    layouts = series_of(sorted({row.layout for row in rows}))
    found: dict[int, Parts] = {agent: defaultdict(list) for agent in agents}
    for (agent, layout), group in grouped(rows).items():
        times, values = matrix(group, width=len(layouts[layout]))
        for position, key in enumerate(layouts[layout]):
            if metrics is None or key.metric in metrics:
                found[agent][key].append(Column(times, values[:, position]))
    return found


def _rows(agents: Sequence[int], *, start_ms: int, end_ms: int) -> list[Row]:
    batches = Batch.objects.filter(agent__in=agents, last_ms__gte=start_ms, first_ms__lt=end_ms)
    fields = ("agent_id", "layout_id", "sample_count", "payload")
    return [Row(*row) for row in batches.values_list(*fields)]


def grouped(rows: Iterable[Row]) -> dict[tuple[int, int], list[Row]]:
    """Return the batches by agent and layout."""
    groups: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.agent, row.layout].append(row)
    return groups


def matrix(
    rows: Sequence[Row], *, width: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the times of all samples of `rows`, and their values, a row a sample."""
    if all(row.sample_count == 1 for row in rows):
        table = np.frombuffer(b"".join(row.payload for row in rows), VALUE).reshape(-1, 1 + width)
        return table[:, 0].copy().view(TIME), table[:, 1:]
    times = [np.frombuffer(row.payload, TIME, row.sample_count) for row in rows]
    values = [np.frombuffer(row.payload, VALUE, offset=8 * row.sample_count) for row in rows]
    return np.concatenate(times), np.concatenate(values).reshape(-1, width)
