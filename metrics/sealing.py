"""Sealing: what the hot log holds of finished hours moves into the chunk of its UTC day.

An agent's turn is one short transaction that writes the chunks, raw and of 5 minutes, and deletes
the batches they came from, so whatever dies, a sample is in one of the two. Reading and compressing
happen before it. A worker that finds that another was quicker leaves the agent for the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import reduce
from typing import Final

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from agents.models import Agent
from metrics import chunks, codec, hotlog, rollups, samples
from metrics.chunks import Draft, Overtaken
from metrics.models import Batch, Chunk, Tier
from metrics.progress import Tell, counted, silent
from metrics.samples import Samples
from metrics.tiers import DAY_MS

SEAL_AFTER: Final = timedelta(minutes=5)
"""How long after its hour a sample is sealed: what is a little late costs no second writing."""

BATCHES_A_TURN: Final = 2000
BYTES_A_TURN: Final = 64 * 1024 * 1024
_HOUR_MS: Final = 3_600_000

logger = logging.getLogger(__name__)


def seal(*, now: datetime, tell: Tell = silent) -> int:
    """Seal every agent's finished hours; return how many batches went. Run again, it finds none.

    Days that are over are then rolled up into the tier of an hour. `tell` hears how far it is.
    """
    before_ms = round((now - SEAL_AFTER).timestamp() * 1000) // _HOUR_MS * _HOUR_MS
    agents = Agent.objects.order_by("pk").values_list("pk", flat=True)
    each = counted(agents, "Sealing agent", tell)
    batches = sum(count for agent in each for count in _seal_agent(agent, before_ms))
    rollups.roll_up(before_ms=before_ms, tell=tell)
    return batches


def _seal_agent(agent: int, before_ms: int) -> Iterator[int]:
    """Seal an agent's batches some at a time; yield how many each time."""
    due = Batch.objects.filter(agent=agent, last_ms__lt=before_ms).order_by("last_ms", "pk")
    is_more = True
    while is_more:
        batches, is_more = _next_batches(due)
        if not batches:
            return
        try:
            _take_turn(agent, batches)
        except (Overtaken, IntegrityError):
            logger.info("agent %d is being sealed by another worker", agent)
            return
        except samples.TooWide:
            logger.warning("agent %d sends too many different series a day to seal them", agent)
            return
        yield len(batches)


def _next_batches(due: QuerySet[Batch]) -> tuple[set[int], bool]:
    """Return the batches of the next turn, and whether there may be more.

    They are some of the oldest, and no more than fit in memory.
    """
    taken: set[int] = set()
    size = 0
    sizes = due.annotate(size=Length("payload")).values_list("pk", "size")[:BATCHES_A_TURN]
    for pk, length in sizes:
        size += length
        if taken and size > BYTES_A_TURN:
            return taken, True
        taken.add(pk)
    return taken, len(taken) == BATCHES_A_TURN


def _take_turn(agent: int, batches: AbstractSet[int]) -> None:
    rows = hotlog.rows_of(batches)
    if len(rows) != len(batches):
        raise Overtaken
    lots = hotlog.samples_of(rows)
    fresh = reduce(samples.joined, (lot for _, lot in lots))
    drafts = _drafts(agent, fresh)
    with transaction.atomic():
        for draft in drafts:
            chunks.write(agent, draft)
        if hotlog.delete(batches) != len(batches):
            raise Overtaken


def _drafts(agent: int, fresh: Samples) -> list[Draft]:
    """Merge and compress, which takes too long to do while others wait to write."""
    days = Chunk.objects.filter(agent=agent, start_ms__in=fresh.days())
    held = {(chunk.tier, chunk.start_ms): chunk for chunk in days}
    drafts = []
    for start in fresh.days():
        raw = held.get((Tier.RAW, start))
        day, is_damaged = _merged_day(raw, fresh.between(start, start + DAY_MS))
        fields = {
            "last_ms": int(day.times_ms[-1]),
            "sample_count": len(day.times_ms),
            "value_count": int(np.count_nonzero(~np.isnan(day.values))),
            "data": samples.encode(day),
        }
        drafts.append(Draft(Tier.RAW, start, raw, is_damaged, fields))
        drafts.append(rollups.of_day(start, held.get((Tier.FIVE_MINUTES, start)), day))
    return drafts


def _merged_day(held: Chunk | None, fresh: Samples) -> tuple[Samples, bool]:
    """Return the day's samples, and whether the chunk they were held in is damaged."""
    if held is None:
        return fresh, False
    try:
        found, damage = samples.decode(bytes(held.data))
    except codec.ChunkDamaged as error:
        chunks.report(held.pk, [error])
        return fresh, True
    chunks.report(held.pk, damage)
    return samples.joined(found, fresh), bool(damage)
