"""Series as they were sampled, hot and sealed together, in order and each sample once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from metrics import chunks, hotlog
from metrics.buckets import Column
from metrics.names import SeriesKey


def read(
    agents: Sequence[int], *, metrics: Collection[str] | None, start_ms: int, end_ms: int
) -> dict[int, dict[SeriesKey, Column]]:
    """Return each agent's series of `metrics` in [start_ms, end_ms), in order of time.

    All series where `metrics` is None. An agent without samples has an empty entry.
    Two queries, and one for layouts not met yet.
    """
    # Hot first: what is sealed in between is then seen twice, the other way round not at all.
    hot = hotlog.parts(agents, metrics=metrics, start_ms=start_ms, end_ms=end_ms)
    sealed = chunks.parts(agents, metrics=metrics, start_ms=start_ms, end_ms=end_ms)
    return {
        agent: merged(hot[agent], sealed[agent], start_ms=start_ms, end_ms=end_ms)
        for agent in agents
    }


def merged(*pieces: hotlog.Parts, start_ms: int, end_ms: int) -> dict[SeriesKey, Column]:
    """Return one column a series that has samples in [start_ms, end_ms)."""
    keys = dict.fromkeys(key for piece in pieces for key in piece)
    columns = {
        key: _in_order([part for piece in pieces for part in piece.get(key, ())], start_ms, end_ms)
        for key in keys
    }
    return {key: column for key, column in columns.items() if len(column.times_ms)}


def times_between(agent: int, *, first_ms: int, last_ms: int) -> set[int]:
    """Return the times of the agent's samples that may lie in [first_ms, last_ms], and others."""
    hot = hotlog.times_between(agent, first_ms=first_ms, last_ms=last_ms)
    return hot | chunks.times_between(agent, first_ms=first_ms, last_ms=last_ms)


def _in_order(parts: Sequence[Column], start_ms: int, end_ms: int) -> Column:
    times = np.concatenate([part.times_ms for part in parts])
    values = np.concatenate([part.values for part in parts])
    keep = (times >= start_ms) & (times < end_ms)
    times, values = times[keep], values[keep]
    if (np.diff(times) > 0).all():
        return Column(times, values)
    # `unique` sorts too, and takes the first of two samples of one time.
    times, first = np.unique(times, return_index=True)
    return Column(times, values[first])
