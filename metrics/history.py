"""History: what there is of an agent, hot and sealed, as figures of the tier that is asked for.

Each UTC day comes from one tier only, so that nothing counts twice; what is hot adds to it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np

from metrics import chunks, codec, figures, hotlog, samples, tiers
from metrics.buckets import Column
from metrics.figures import Figures, Page
from metrics.models import Chunk, Tier
from metrics.names import SeriesKey
from metrics.tiers import DAY_MS, Shape

_ATTEMPTS: Final = 5

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """What is known of a chunk without reading it."""

    pk: int
    tier: int
    start_ms: int
    revision: int
    is_rolled_up: bool


def shelf(agent: int, *, start_ms: int, end_ms: int) -> list[Entry]:
    """Return the agent's chunks that touch [start_ms, end_ms)."""
    first_ms = start_ms // DAY_MS * DAY_MS
    rows = Chunk.objects.filter(agent=agent, last_ms__gte=first_ms, start_ms__lt=end_ms)
    entries = rows.exclude(tier=Tier.DAMAGED).order_by("start_ms", "tier")
    return [Entry(*row) for row in entries.values_list(*Entry._fields)]


def finest_seconds(agent: int, *, start_ms: int, end_ms: int) -> int:
    """Return the length of the shortest buckets that all of [start_ms, end_ms) can be had in.

    0 where all samples are there still.
    """
    entries = shelf(agent, start_ms=start_ms, end_ms=end_ms)
    raw, fine = _days(entries, Tier.RAW), _days(entries, Tier.FIVE_MINUTES)
    hours = [entry for entry in entries if entry.tier == Tier.ONE_HOUR]
    if _has_only_hours(agent, hours, since_ms=start_ms):
        return tiers.ONE_HOUR.bucket_ms // 1000
    return tiers.FIVE_MINUTES.bucket_ms // 1000 if fine.keys() - raw.keys() else 0


def _has_only_hours(agent: int, hours: Sequence[Entry], *, since_ms: int) -> bool:
    """Return whether chunks of an hour hold something older than all finer ones."""
    if not hours:
        return False
    finer = Chunk.objects.filter(agent=agent, tier__in=[Tier.RAW, Tier.FIVE_MINUTES])
    oldest = finer.order_by("start_ms").values_list("start_ms", flat=True).first()
    until_ms = hours[-1].start_ms + tiers.ONE_HOUR.chunk_ms if oldest is None else oldest
    older = [entry.pk for entry in hours if entry.start_ms < until_ms]
    for data in Chunk.objects.filter(pk__in=older).values_list("data", flat=True):
        try:
            times, _, _ = codec.decode_columns(bytes(data), ())
        except codec.ChunkDamaged:
            continue
        if ((times >= since_ms) & (times < until_ms)).any():
            return True
    return False


def read(
    agent: int, shape: Shape, *, metrics: Collection[str] | None, start_ms: int, end_ms: int
) -> Page:
    """Return the series of `metrics` (all where None) in [start_ms, end_ms), in order of time.

    The bounds are multiples of the tier's bucket.
    """
    span = {"start_ms": start_ms, "end_ms": end_ms}
    if shape is tiers.RAW:
        columns = samples.read([agent], metrics=metrics, **span)[agent]
        return {key: figures.of_samples(column) for key, column in columns.items()}
    # Figures do not tell which samples are in them. So hot and sealed must be of one moment, and a
    # transaction would keep writers waiting: if a chunk was written meanwhile, read again.
    for _ in range(_ATTEMPTS):
        before = shelf(agent, **span)
        hot = hotlog.parts([agent], metrics=metrics, **span)[agent]
        sealed = _sealed(_plan(before, shape), metrics)
        if shelf(agent, **span) == before:
            break
    else:
        logger.warning("agent %d is sealed faster than it is read", agent)
    pieces: dict[SeriesKey, list[Figures]] = defaultdict(list)
    for key, column in samples.merged(hot, **span).items():
        pieces[key].append(figures.of_samples(column))
    for page in sealed:
        for key, part in page.items():
            inside = (part.times_ms >= start_ms) & (part.times_ms < end_ms)
            if inside.any():
                pieces[key].append(part.at(inside))
    return {
        key: figures.rolled_up(figures.together(parts), shape.bucket_ms)
        for key, parts in pieces.items()
    }


class _Source(NamedTuple):
    """A chunk to read, but for days that come from others."""

    entry: Entry
    without_days: Sequence[int]


def _plan(entries: Sequence[Entry], shape: Shape) -> list[_Source]:
    """Return the chunks to read: one a day, the coarsest of `shape` and finer that is up to date.

    A day that has neither a raw chunk nor one of 5 minutes comes from that of an hour.
    """
    raw, fine = _days(entries, Tier.RAW), _days(entries, Tier.FIVE_MINUTES)
    days = {**raw, **fine}
    if shape is not tiers.ONE_HOUR:
        return [_Source(entry, ()) for entry in days.values()]
    pending = {start: entry for start, entry in days.items() if not entry.is_rolled_up}
    hours = [entry for entry in entries if entry.tier == Tier.ONE_HOUR]
    return [
        *(_Source(entry, ()) for entry in pending.values()),
        *(_Source(entry, tuple(pending)) for entry in hours),
    ]


def _days(entries: Sequence[Entry], tier: Tier) -> dict[int, Entry]:
    return {entry.start_ms: entry for entry in entries if entry.tier == tier}


def _sealed(plan: Sequence[_Source], metrics: Collection[str] | None) -> list[Page]:
    """Return what the chunks of a plan hold. What is damaged is left out and logged. One query."""
    by_pk = {source.entry.pk: source for source in plan}
    pages = []
    for pk, data in Chunk.objects.filter(pk__in=by_pk).values_list("pk", "data"):
        source = by_pk[pk]
        try:
            page, damage = _decoded(source.entry.tier, bytes(data), metrics)
        except codec.ChunkDamaged as error:
            chunks.report(pk, [error])
            continue
        chunks.report(pk, damage)
        pages.append(_without(page, source.without_days))
    return pages


def _decoded(
    tier: int, data: bytes, metrics: Collection[str] | None
) -> tuple[Page, list[codec.ChunkDamaged]]:
    if tier != Tier.RAW:
        return figures.decode(data, metrics)
    times, columns, damage = codec.decode(data, metrics)
    page = {}
    for key, values in columns.items():
        held = ~np.isnan(values)
        page[key] = figures.of_samples(Column(times[held], values[held]))
    return page, damage


def _without(page: Page, days: Sequence[int]) -> Page:
    if not days:
        return page
    return {
        key: part.at(~np.isin(part.times_ms // DAY_MS * DAY_MS, days)) for key, part in page.items()
    }
