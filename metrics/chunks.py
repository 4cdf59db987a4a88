"""Chunks: how one of any tier is written, and what of a damaged one is told.

Damage is survived: what can be read is, and the rest is logged and kept aside.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics import codec
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


def times_between(agent: int, *, first_ms: int, last_ms: int) -> set[int]:
    """Return the times of the agent's sealed samples in days that touch [first_ms, last_ms]."""
    raw = Chunk.objects.filter(
        agent=agent, tier=Tier.RAW, last_ms__gte=first_ms, start_ms__lte=last_ms
    )
    times: set[int] = set()
    for pk, data in raw.values_list("pk", "data"):
        try:
            times.update(codec.decode(bytes(data), ())[0].times_ms.tolist())
        except codec.ChunkDamaged as error:
            report(pk, [error])
    return times


def report(chunk: int, damage: Sequence[codec.ChunkDamaged]) -> None:
    """Log what of a chunk cannot be read."""
    for error in damage:
        logger.error("chunk %d is damaged: %s cannot be read", chunk, error.what)
