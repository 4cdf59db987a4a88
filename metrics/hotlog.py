"""The hot log read as samples: batches of one layout are one matrix."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from metrics.layouts import series_of
from metrics.models import Batch
from metrics.samples import Samples

TIME = np.dtype("<i8")
VALUE = np.dtype("<f8")


_SELECT: Final = "SELECT agent_id, layout_id, sample_count, payload FROM metrics_batch"

Row = tuple[int, int, int, bytes]
"""What is read of a batch: its agent, layout, number of samples and payload."""

_Content = tuple[int, bytes]


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


def read(
    agents: Sequence[int], *, metrics: Collection[str] | None, start_ms: int, end_ms: int
) -> dict[int, list[Samples]]:
    """Return each agent's samples of batches that touch [start_ms, end_ms), a lot a layout.

    Only the series of `metrics`, all where None. An agent without samples has an empty entry.
    One query, and one more for layouts not met yet.
    """
    found: dict[int, list[Samples]] = {agent: [] for agent in agents}
    for agent, lot in samples_of(_rows(agents, start_ms, end_ms), metrics):
        if lot.keys:
            found[agent].append(lot)
    return found


def _rows(agents: Sequence[int], start_ms: int, end_ms: int) -> list[Row]:
    # By hand, for an agent's page reads 400 of them: the ORM took 1.1 ms for these, this takes 0.5.
    return _fetched(
        f"{_SELECT} WHERE agent_id IN ({_marks(agents)}) AND last_ms >= %s AND first_ms < %s",
        [*agents, start_ms, end_ms],
    )


def rows_of(batches: Collection[int]) -> list[Row]:
    """Return these batches, in the order in which they were stored; those that are gone lack."""
    # By hand as well: the ORM takes as long for some hundred numbers as compressing a few series.
    return _fetched(f"{_SELECT} WHERE id IN ({_marks(batches)}) ORDER BY id", list(batches))


def delete(batches: Collection[int]) -> int:
    """Delete these batches; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM metrics_batch WHERE id IN ({_marks(batches)})",  # noqa: S608  (marks only)
            list(batches),
        )
        count: int = cursor.rowcount
        return count


def _fetched(query: str, parameters: Sequence[int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[Row] = cursor.fetchall()
        return rows


def _marks(values: Collection[int]) -> str:
    return ", ".join(["%s"] * len(values))


def samples_of(
    rows: Iterable[Row], metrics: Collection[str] | None = None
) -> Iterator[tuple[int, Samples]]:
    """Yield an agent and its samples for each agent and layout among these batches."""
    groups: dict[tuple[int, int], list[_Content]] = defaultdict(list)
    for agent, layout, count, payload in rows:
        groups[agent, layout].append((count, payload))
    layouts = series_of(sorted({layout for _, layout in groups}))
    for (agent, layout), group in groups.items():
        keys = layouts[layout]
        chosen = [at for at, key in enumerate(keys) if metrics is None or key.metric in metrics]
        times, columns = _matrix(group, width=len(keys), chosen=chosen)
        if not (np.diff(times) > 0).all():
            times, first = np.unique(times, return_index=True)
            columns = columns[:, first]
        yield agent, Samples(times, [keys[at] for at in chosen], columns)


def _matrix(
    contents: Sequence[_Content], *, width: int, chosen: Sequence[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the times of all samples of batches, and a row of values a chosen series."""
    if all(count == 1 for count, _ in contents):
        table = np.frombuffer(b"".join([payload for _, payload in contents]), VALUE)
        table = table.reshape(-1, 1 + width).T
        return table[0].copy().view(TIME), np.ascontiguousarray(table[1:][chosen])
    times = [np.frombuffer(payload, TIME, count) for count, payload in contents]
    values = np.empty((len(chosen), sum(map(len, times))))
    at = 0
    # Batch by batch, for a batch's values fit into the processor's cache while they are turned.
    for count, payload in contents:
        table = np.frombuffer(payload, VALUE, offset=8 * count).reshape(-1, width).T
        values[:, at : at + count] = table if len(chosen) == width else table[chosen]
        at += count
    return np.concatenate(times), values
