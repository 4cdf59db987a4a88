"""Sealing: what the hot log holds of finished hours moves into the chunk of its UTC day.

An agent's turn is one short transaction that writes the chunks, raw and of 5 minutes, and deletes
the batches they came from, so whatever dies, a sample is in one of the two. Reading and compressing
happen before it. A worker that finds that another was quicker leaves the agent for the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from agents.models import Agent
from metrics import chunks, codec, hotlog, rollups
from metrics.buckets import Column
from metrics.chunks import Draft, Overtaken
from metrics.layouts import series_of
from metrics.models import Batch, Chunk, Tier
from metrics.names import SeriesKey
from metrics.tiers import DAY_MS

SEAL_AFTER: Final = timedelta(minutes=65)
"""How old a sample is before it is sealed: the last hour is drawn for whole fleets, from hot."""

BATCHES_A_TURN: Final = 2000
BYTES_A_TURN: Final = 64 * 1024 * 1024
CELLS_MAXIMUM: Final = 50_000_000
"""Times by series of a day, 8 bytes each: an agent whose series all differ must not fill memory."""

_HOUR_MS: Final = 3_600_000

logger = logging.getLogger(__name__)


class _TooWide(Exception):  # noqa: N818  (reads as the claim it is)
    """A day would have more cells than are taken."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Samples of one agent: times that ascend, and a value a time of each series, NaN for none."""

    times_ms: codec.Times
    columns: Mapping[SeriesKey, codec.Values]

    def day(self, start_ms: int) -> _Table:
        """Return the samples of one UTC day."""
        inside = (self.times_ms >= start_ms) & (self.times_ms < start_ms + DAY_MS)
        columns = {key: values[inside] for key, values in self.columns.items()}
        return _Table(self.times_ms[inside], columns)

    def days(self) -> list[int]:
        """Return the starts of the UTC days that have samples."""
        return [int(day) * DAY_MS for day in np.unique(self.times_ms // DAY_MS)]

    def samples(self) -> dict[SeriesKey, Column]:
        """Return the samples of each series."""
        held = {key: ~np.isnan(values) for key, values in self.columns.items()}
        return {
            key: Column(self.times_ms[held[key]], values[held[key]])
            for key, values in self.columns.items()
            if held[key].any()
        }


def seal(*, now: datetime) -> int:
    """Seal every agent's finished hours; return how many batches went. Run again, it finds none.

    Days that are over are then rolled up into the tier of an hour.
    """
    before_ms = round((now - SEAL_AFTER).timestamp() * 1000) // _HOUR_MS * _HOUR_MS
    agents = Agent.objects.order_by("pk").values_list("pk", flat=True)
    batches = sum(count for agent in agents for count in _seal_agent(agent, before_ms))
    rollups.roll_up(before_ms=before_ms)
    return batches


def _seal_agent(agent: int, before_ms: int) -> Iterator[int]:
    """Seal an agent's batches some at a time; yield how many each time."""
    due = Batch.objects.filter(agent=agent, last_ms__lt=before_ms).order_by("last_ms", "pk")
    while batches := _next_batches(due):
        try:
            _take_turn(agent, batches)
        except (Overtaken, IntegrityError):
            logger.info("agent %d is being sealed by another worker", agent)
            return
        except _TooWide:
            logger.warning("agent %d sends too many different series a day to seal them", agent)
            return
        yield len(batches)


def _next_batches(due: QuerySet[Batch]) -> set[int]:
    """Return the batches of the next turn: some of the oldest, and no more than fit in memory."""
    taken: set[int] = set()
    size = 0
    sizes = due.annotate(size=Length("payload")).values_list("pk", "size")[:BATCHES_A_TURN]
    for pk, length in sizes:
        size += length
        if taken and size > BYTES_A_TURN:
            break
        taken.add(pk)
    return taken


def _take_turn(agent: int, batches: AbstractSet[int]) -> None:
    fields = ("agent_id", "layout_id", "sample_count", "payload")
    rows = Batch.objects.filter(pk__in=batches).order_by("pk").values_list(*fields)
    if len(rows) != len(batches):
        raise Overtaken
    fresh = _table_of([hotlog.Row(*row) for row in rows])
    drafts = _drafts(agent, fresh)
    with transaction.atomic():
        for draft in drafts:
            chunks.write(agent, draft)
        if Batch.objects.filter(pk__in=batches).delete()[0] != len(batches):
            raise Overtaken


def _drafts(agent: int, fresh: _Table) -> list[Draft]:
    """Merge and compress, which takes too long to do while others wait to write."""
    days = Chunk.objects.filter(agent=agent, start_ms__in=fresh.days())
    held = {(chunk.tier, chunk.start_ms): chunk for chunk in days}
    drafts = []
    for start in fresh.days():
        raw = held.get((Tier.RAW, start))
        table, is_damaged = _merged_day(raw, fresh.day(start))
        samples = table.samples()
        fields = {
            "last_ms": int(table.times_ms[-1]),
            "sample_count": len(table.times_ms),
            "value_count": sum(len(column.values) for column in samples.values()),
            "data": codec.encode(table.times_ms, table.columns),
        }
        drafts.append(Draft(Tier.RAW, start, raw, is_damaged, fields))
        if samples:
            drafts.append(rollups.of_day(start, held.get((Tier.FIVE_MINUTES, start)), samples))
    return drafts


def _merged_day(held: Chunk | None, fresh: _Table) -> tuple[_Table, bool]:
    """Return the day's samples, and whether the chunk they were held in is damaged."""
    if held is None:
        return fresh, False
    try:
        times, columns, damage = codec.decode(bytes(held.data))
    except codec.ChunkDamaged as error:
        chunks.report(held.pk, [error])
        return fresh, True
    chunks.report(held.pk, damage)
    return _joined(_Table(times, columns), fresh), bool(damage)


def _table_of(rows: Sequence[hotlog.Row]) -> _Table:
    """Return the samples of batches of one agent, each time once."""
    layouts = series_of(sorted({row.layout for row in rows}))
    table: _Table | None = None
    for (_, layout), group in hotlog.grouped(rows).items():
        moments, values = hotlog.matrix(group, width=len(layouts[layout]))
        moments, first = np.unique(moments, return_index=True)
        columns = {key: values[first, place] for place, key in enumerate(layouts[layout])}
        piece = _Table(moments, columns)
        table = piece if table is None else _joined(table, piece)
    if table is None:
        raise ValueError("no batches to seal")
    return table


def _joined(held: _Table, fresh: _Table) -> _Table:
    """Return both tables as one; where both have a sample of one time, the held one stands."""
    times = np.union1d(held.times_ms, fresh.times_ms)
    keys = dict.fromkeys([*held.columns, *fresh.columns])
    if len(times) * len(keys) > CELLS_MAXIMUM:
        raise _TooWide
    new = ~np.isin(fresh.times_ms, held.times_ms)
    at_held = np.searchsorted(times, held.times_ms)
    at_new = np.searchsorted(times, fresh.times_ms[new])
    columns = {}
    for key in keys:
        values = np.full(len(times), np.nan)
        if key in held.columns:
            values[at_held] = held.columns[key]
        if key in fresh.columns:
            values[at_new] = fresh.columns[key][new]
        columns[key] = values
    return _Table(times, columns)
