"""Chunks: how sealed samples are read as columns, and how a chunk of any tier is written.

Damage is survived: what can be read is, and the rest is logged and kept aside.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics import codec
from metrics.buckets import Column
from metrics.hotlog import Parts
from metrics.models import Chunk, Tier

logger = logging.getLogger(__name__)


class Overtaken(Exception):  # noqa: N818  (reads as the claim it is)
    """Another worker changed what this one has read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A chunk that is ready to be written, and the one it replaces."""

    tier: Tier
    start_ms: int
    over: Chunk | None
    is_damaged: bool
    fields: Mapping[str, Any]


def write(agent: int, draft: Draft) -> None:
    """Write a chunk in place of the old one, which is kept aside if it is damaged.

    Raises Overtaken. Of two that create the same chunk, one gets an IntegrityError.
    """
    span = {"agent_id": agent, "start_ms": draft.start_ms}
    fields = {**draft.fields, "data_bytes": len(draft.fields["data"])}
    if draft.over is not None:
        over = draft.over
        same = Chunk.objects.filter(pk=over.pk, tier=draft.tier, revision=over.revision)
        changed = {**fields, "revision": over.revision + 1}
        if draft.is_damaged:
            Chunk.objects.filter(tier=Tier.DAMAGED, **span).delete()
            changed = {"tier": Tier.DAMAGED}
        if not same.update(**changed):
            raise Overtaken
    if draft.over is None or draft.is_damaged:
        Chunk.objects.create(tier=draft.tier, **span, **fields)


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
