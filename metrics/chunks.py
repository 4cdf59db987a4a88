"""Sealed samples: what the chunks of an agent hold, read as columns; damage is survived."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from metrics import codec
from metrics.buckets import Column
from metrics.hotlog import Parts
from metrics.models import Chunk, Tier

DAY_MS = 86_400_000

logger = logging.getLogger(__name__)


def parts(
    agents: Sequence[int], *, metrics: Collection[str] | None, start_ms: int, end_ms: int
) -> dict[int, Parts]:
    """Return each agent's sealed series of `metrics` in days that touch [start_ms, end_ms).

    All series where `metrics` is None. An agent without samples has an empty entry.
    What is damaged is left out and logged. One query.
    """
    found: dict[int, Parts] = {agent: defaultdict(list) for agent in agents}
    raw = Chunk.objects.filter(
        agent__in=agents, tier=Tier.RAW, last_ms__gte=start_ms, start_ms__lt=end_ms
    )
    for pk, agent, data in raw.values_list("pk", "agent_id", "data"):
        try:
            times, columns, damage = codec.decode(bytes(data), metrics)
        except codec.ChunkDamaged as error:
            report(pk, [error])
            continue
        report(pk, damage)
        for key, values in columns.items():
            held = ~np.isnan(values)
            found[agent][key].append(Column(times[held], values[held]))
    return found


def times_between(agent: int, *, first_ms: int, last_ms: int) -> set[int]:
    """Return the times of the agent's sealed samples in days that touch [first_ms, last_ms]."""
    raw = Chunk.objects.filter(
        agent=agent, tier=Tier.RAW, last_ms__gte=first_ms, start_ms__lte=last_ms
    )
    times: set[int] = set()
    for pk, data in raw.values_list("pk", "data"):
        try:
            times.update(codec.decode(bytes(data), ())[0].tolist())
        except codec.ChunkDamaged as error:
            report(pk, [error])
    return times


def report(chunk: int, damage: Sequence[codec.ChunkDamaged]) -> None:
    """Log what of a chunk cannot be read."""
    for error in damage:
        logger.error("chunk %d is damaged: %s cannot be read", chunk, error.what)
