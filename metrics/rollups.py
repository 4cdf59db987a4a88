"""Roll-ups: the chunk of 5 minutes that a day gives, and that of an hour which 30 days give.

The former is made from all samples of its day whenever that is sealed, in the same transaction. The
latter takes a day once it is over, and again if late samples have changed it: `is_rolled_up` tells.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from metrics import chunks, codec, figures, tiers
from metrics.chunks import Draft, Overtaken
from metrics.figures import Figures
from metrics.models import Chunk, Tier
from metrics.progress import Tell, counted, silent
from metrics.samples import Samples

logger = logging.getLogger(__name__)


def of_day(start_ms: int, over: Chunk | None, samples: Samples) -> Draft:
    """Return the chunk of 5 minutes of a day with these samples, in place of `over`."""
    fresh = figures.rolled_up(figures.of_samples(samples), tiers.FIVE_MINUTES.bucket_ms)
    # Where samples are lost to damage or retention, the buckets that were made of them remain.
    held, _ = _held(over)
    # What is damaged here is not set aside, for it is made anew.
    return _draft(Tier.FIVE_MINUTES, start_ms, over, _together(held, fresh))


def roll_up(*, before_ms: int, tell: Tell = silent) -> int:
    """Roll up every day that ended by `before_ms` and is pending; return how many."""
    pending = Chunk.objects.filter(
        tier=Tier.FIVE_MINUTES, is_rolled_up=False, start_ms__lte=before_ms - tiers.DAY_MS
    )
    spans: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk, agent, start_ms in pending.values_list("pk", "agent_id", "start_ms"):
        spans[agent, tiers.ONE_HOUR.chunk_start(start_ms)].append(pk)
    count = 0
    for (agent, start_ms), days in counted(spans.items(), "Rolling up month", tell):
        try:
            _roll_up_span(agent, start_ms, days)
        except (Overtaken, IntegrityError):
            logger.info("agent %d is being rolled up by another worker", agent)
            continue
        count += len(days)
    return count


def _roll_up_span(agent: int, start_ms: int, days: Sequence[int]) -> None:
    over = Chunk.objects.filter(agent=agent, tier=Tier.ONE_HOUR, start_ms=start_ms).first()
    page, is_damaged = _held(over)
    revisions = {}
    for pk in days:
        day = Chunk.objects.filter(pk=pk).first()
        if day is None:
            raise Overtaken
        revisions[pk] = day.revision
        fine, _ = _held(day)
        if fine is not None:
            page = _together(page, figures.rolled_up(fine, tiers.ONE_HOUR.bucket_ms))
    draft = (
        _draft(Tier.ONE_HOUR, start_ms, over, page, is_damaged=is_damaged)
        if page is not None
        else None
    )
    with transaction.atomic():
        if draft is not None:
            chunks.write(agent, draft)
        for pk, revision in revisions.items():
            if not Chunk.objects.filter(pk=pk, revision=revision).update(is_rolled_up=True):
                raise Overtaken


def _together(held: Figures | None, fresh: Figures) -> Figures:
    return fresh if held is None else figures.fuller(held, fresh)


def _held(chunk: Chunk | None) -> tuple[Figures | None, bool]:
    """Return what a chunk of figures holds, None if nothing, and whether it is damaged."""
    if chunk is None:
        return None, False
    try:
        page, damage = figures.decode(bytes(chunk.data))
    except codec.ChunkDamaged as error:
        chunks.report(chunk.pk, [error])
        return None, True
    chunks.report(chunk.pk, damage)
    return page, bool(damage)


def _draft(
    tier: Tier, start_ms: int, over: Chunk | None, page: Figures, *, is_damaged: bool = False
) -> Draft:
    fields = {
        "last_ms": int(page.times_ms[-1]),
        "sample_count": page.sample_count(),
        "value_count": page.value_count(),
        "data": figures.encode(page),
        "is_rolled_up": False,
    }
    return Draft(tier, start_ms, over, is_damaged, fields)
