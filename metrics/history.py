"""History: what there is of an agent, hot and sealed, as figures of the tier that is asked for.

Each UTC day comes from one tier only, so that nothing counts twice; what is hot adds to it.
Reads by SQL of its own: the ORM took half of the time of a page (1.3 of 2.6 ms for an hour).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import connection

from metrics import chunks, codec, figures, hotlog, tiers
from metrics.buckets import Grid
from metrics.chunk_reader import Reader
from metrics.figures import Figures
from metrics.gathering import Gathering
from metrics.models import Tier
from metrics.tiers import DAY_MS, Shape

_ATTEMPTS: Final = 5

_SHELF: Final = """
    SELECT id, tier, start_ms, last_ms, revision, is_rolled_up FROM metrics_chunk
    WHERE agent_id = %s AND start_ms < %s AND last_ms >= %s AND tier <> 9
    ORDER BY start_ms, tier
"""
_OLDEST_FINE: Final = """
    SELECT MIN(start_ms) FROM metrics_chunk WHERE agent_id = %s AND tier IN (0, 1)
"""

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """What is known of a chunk without reading it."""

    pk: int
    tier: int
    start_ms: int
    last_ms: int
    revision: int
    is_rolled_up: bool


def shelf(agent: int, *, start_ms: int, end_ms: int) -> list[Entry]:
    """Return the agent's chunks that touch [start_ms, end_ms), in order."""
    first_ms = start_ms // DAY_MS * DAY_MS
    return [Entry(*row) for row in _rows(_SHELF, [agent, end_ms, first_ms])]


def finest_seconds(agent: int, *, start_ms: int, end_ms: int) -> int:
    """Return the length of the shortest buckets that all of [start_ms, end_ms) can be had in.

    0 where all samples are there still.
    """
    entries = shelf(agent, start_ms=start_ms, end_ms=end_ms)
    raw, fine = _days(entries, Tier.RAW), _days(entries, Tier.FIVE_MINUTES)
    if _has_only_hours(agent, entries, since_ms=start_ms):
        return tiers.ONE_HOUR.bucket_ms // 1000
    return tiers.FIVE_MINUTES.bucket_ms // 1000 if fine.keys() - raw.keys() else 0


def _has_only_hours(agent: int, entries: Sequence[Entry], *, since_ms: int) -> bool:
    """Return whether chunks of an hour hold something older than all finer ones."""
    hours = [entry for entry in entries if entry.tier == Tier.ONE_HOUR]
    if not hours or any(entry.start_ms <= since_ms for entry in entries if entry not in hours):
        return False
    oldest = _rows(_OLDEST_FINE, [agent])[0][0]
    until_ms = hours[-1].last_ms + 1 if oldest is None else oldest
    if any(since_ms <= entry.last_ms < until_ms for entry in hours):
        return True
    return any(
        _has_buckets(entry, since_ms, until_ms) for entry in hours if entry.start_ms < until_ms
    )


def _has_buckets(entry: Entry, start_ms: int, end_ms: int) -> bool:
    for _, data in _data_of([entry]):
        try:
            (times, _, _), _ = codec.decode(data, ())
        except codec.ChunkDamaged:
            continue
        if ((times >= start_ms) & (times < end_ms)).any():
            return True
    return False


def read(agent: int, grid: Grid, *, metrics: Collection[str] | None) -> Gathering:
    """Return what there is of `metrics` (all where None) in the buckets of the grid."""
    span = {"start_ms": grid.start_ms, "end_ms": grid.end_ms}
    # Hot and sealed must be of one moment, lest a sample is in both or neither. A transaction would
    # keep writers waiting: if a chunk was written meanwhile, read again.
    for _ in range(_ATTEMPTS):
        found = Gathering(grid)
        before = shelf(agent, **span)
        hot = hotlog.read([agent], metrics=metrics, **span)[agent]
        _add_sealed(found, _plan(before, tiers.for_step(grid.step_ms)), metrics)
        if shelf(agent, **span) == before:
            break
    else:
        logger.warning("agent %d is sealed faster than it is read", agent)
    for lot in hot:
        found.add(figures.of_samples(lot))
    return found


class _Source(NamedTuple):
    """A chunk to read, but for days that come from others."""

    entry: Entry
    without_days: Sequence[int]


def _plan(entries: Sequence[Entry], shape: Shape) -> list[_Source]:
    """Return the chunks to read: one a day, the coarsest of `shape` and finer that is up to date.

    A day that has no chunk of `shape` comes from a finer one; in the tier of an hour, a day that
    has neither a raw chunk nor one of 5 minutes comes from that of an hour.
    """
    raw, fine = _days(entries, Tier.RAW), _days(entries, Tier.FIVE_MINUTES)
    if shape is tiers.RAW:
        return [_Source(entry, ()) for entry in raw.values()]
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


def _add_sealed(found: Gathering, plan: Sequence[_Source], metrics: Collection[str] | None) -> None:
    """Add what the chunks of a plan hold. What is damaged is left out and logged."""
    sources = {source.entry.pk: source for source in plan}
    for pk, data in _data_of([source.entry for source in plan]):
        try:
            damage = _add(found, sources[pk], data, metrics)
        except codec.ChunkDamaged as error:
            damage = [error]
        chunks.report(pk, damage)


def _add(
    found: Gathering, source: _Source, data: bytes, metrics: Collection[str] | None
) -> list[codec.ChunkDamaged]:
    """Add what a chunk holds; return what of it is damaged. Raises ChunkDamaged if all is."""
    if source.entry.tier == Tier.RAW:
        reader = Reader(data, metrics)
        found.add_samples(reader)
        return reader.damage
    page, damage = figures.decode(data, metrics)
    found.add(_without(page, source.without_days))
    return damage


def _without(page: Figures, days: Sequence[int]) -> Figures:
    return page.at(~np.isin(page.times_ms // DAY_MS * DAY_MS, days)) if days else page


def _data_of(entries: Sequence[Entry]) -> list[tuple[int, bytes]]:
    """Return the chunks of these entries with their ids, in no order."""
    if not entries:
        return []
    places = ", ".join(["%s"] * len(entries))
    query = f"SELECT id, data FROM metrics_chunk WHERE id IN ({places})"  # noqa: S608  (marks only)
    return [(pk, bytes(data)) for pk, data in _rows(query, [entry.pk for entry in entries])]


def _rows(query: str, parameters: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
