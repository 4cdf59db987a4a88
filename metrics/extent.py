"""How far an agent's history reaches, and how much of what it should have sent is there.

Batches and chunks say how many samples they hold, so that years take a few milliseconds. Opened are
only the chunks at the edges, and those of hours whose days are in part held in finer ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Max, Min, Q, QuerySet, Sum

from agents.models import Agent
from metrics import codec, figures, hotlog, tiers
from metrics.chunks import report
from metrics.models import Batch, Chunk, Tier
from metrics.tiers import DAY_MS

_ATTEMPTS: Final = 3
_BUCKET_MS: Final = {shape.tier: shape.bucket_ms for shape in (tiers.FIVE_MINUTES, tiers.ONE_HOUR)}


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is of an agent. Where samples have outlived their tier, times are of buckets.

    `coverage_percent` is the share that is there of the samples to expect between the two, by the
    interval that the agent has now; 100 at most.
    """

    first_at: datetime
    last_at: datetime
    coverage_percent: float


class _Span(NamedTuple):
    """A time in ms that begins at `start` and ends before `end`."""

    start: int
    end: int


class _Entry(NamedTuple):
    """What is known of a chunk without opening it."""

    pk: int
    tier: int
    start_ms: int
    last_ms: int
    sample_count: int
    revision: int


class _Source(NamedTuple):
    """A chunk that counts, but for days that others hold."""

    entry: _Entry
    without_days: Sequence[int]


class _Piece(NamedTuple):
    """Samples of one source. `bucket_ms` is 0 where they are held one by one."""

    first_ms: int
    last_ms: int
    samples: int
    bucket_ms: int = 0


def extent(agent: Agent, *, now: datetime) -> Extent | None:
    """Return how far the agent's history reaches at `now`, None where there is none.

    Seven queries at most, whatever there is.
    """
    pieces = _pieces(agent, _Span(0, _ms(now) + 1))
    if not pieces:
        return None
    interval_ms = agent.interval_seconds * 1000
    first_ms = min(piece.first_ms for piece in pieces)
    until_ms = max(piece.last_ms + (piece.bucket_ms or interval_ms) for piece in pieces)
    return Extent(
        first_at=_at(first_ms),
        last_at=_at(max(piece.last_ms for piece in pieces)),
        coverage_percent=_percent(pieces, of=(until_ms - first_ms) / interval_ms),
    )


def coverage_percent(agent: Agent, *, start: datetime, end: datetime) -> float:
    """Return the share that is there of the samples to expect in [start, end); 100 at most.

    A bucket counts where it begins. Seven queries at most.
    """
    expected = (end - start).total_seconds() / agent.interval_seconds
    return _percent(_pieces(agent, _Span(_ms(start), _ms(end))), of=expected)


def _percent(pieces: Iterable[_Piece], *, of: float) -> float:
    there = sum(piece.samples for piece in pieces)
    # Rounded, because samples are never apart by exactly as much as was meant.
    return min(100.0, 100 * there / max(1, round(of)))


def _pieces(agent: Agent, span: _Span) -> list[_Piece]:
    """Return what lies within the span, every sample in one piece."""
    # Chunks around the hot log: if none was written meanwhile, both are of one moment.
    for _ in range(_ATTEMPTS):
        shelf = _shelf(agent, span)
        hot = list(_hot(agent, span))
        if _shelf(agent, span) == shelf:
            break
    sources = _sources(shelf)
    to_open = list(_to_open(sources, span))
    whole = [source.entry for source in sources if source not in to_open]
    known = [_piece(each, each.start_ms, each.last_ms, each.sample_count) for each in whole]
    return [*hot, *known, *_opened(to_open, span)]


def _piece(entry: _Entry, first_ms: int, last_ms: int, samples: int) -> _Piece:
    return _Piece(first_ms, last_ms, samples, _BUCKET_MS.get(Tier(entry.tier), 0))


def _shelf(agent: Agent, span: _Span) -> list[_Entry]:
    first_ms = span.start // DAY_MS * DAY_MS
    rows = Chunk.objects.filter(agent=agent, last_ms__gte=first_ms, start_ms__lt=span.end)
    entries = rows.exclude(tier=Tier.DAMAGED).order_by("start_ms", "tier")
    return [_Entry(*row) for row in entries.values_list(*_Entry._fields)]


def _sources(shelf: Sequence[_Entry]) -> list[_Source]:
    """Return one source a day, the finest there is; hours, which come last, fill other days."""
    days: dict[int, _Entry] = {}
    for entry in shelf:
        if entry.tier != Tier.ONE_HOUR:
            days.setdefault(entry.start_ms, entry)  # the finest tier comes first
    sources = [_Source(entry, ()) for entry in days.values()]
    for entry in shelf:
        if entry.tier == Tier.ONE_HOUR:
            own = range(entry.start_ms, entry.last_ms + 1, DAY_MS)
            finer = [day for day in own if day in days]
            if len(finer) < len(own):
                sources.append(_Source(entry, finer))
    return sources


def _to_open(sources: Sequence[_Source], span: _Span) -> Iterator[_Source]:
    """Yield what counts in part, and the first of days and of hours, which tells when it began."""
    begun = set()
    for source in sources:
        entry = source.entry
        is_inside = span.start <= entry.start_ms and entry.last_ms < span.end
        is_of_hours = entry.tier == Tier.ONE_HOUR
        if source.without_days or not is_inside or is_of_hours not in begun:
            yield source
        begun.add(is_of_hours)


def _opened(sources: Sequence[_Source], span: _Span) -> Iterator[_Piece]:
    """Count within chunks; one that cannot be read counts as nothing. One query."""
    by_pk = {source.entry.pk: source for source in sources}
    for pk, data in Chunk.objects.filter(pk__in=by_pk).values_list("pk", "data"):
        entry, without_days = by_pk[pk]
        try:
            times, counts = _counts(bytes(data), Tier(entry.tier))
        except codec.ChunkDamaged as error:
            report(pk, [error])
            continue
        inside = (times >= span.start) & (times < span.end)
        inside &= ~np.isin(times // DAY_MS * DAY_MS, without_days)
        if inside.any():
            first, last = (int(times[inside][place]) for place in (0, -1))
            yield _piece(entry, first, last, int(counts[inside].sum()))


def _counts(data: bytes, tier: Tier) -> tuple[codec.Times, codec.Values]:
    """Return the times of a chunk, and how many samples each stands for. Raises ChunkDamaged."""
    if tier is Tier.RAW:
        times = codec.decode(data, ())[0].times_ms
        return times, np.ones(len(times))
    return figures.counts(data)


def _hot(agent: Agent, span: _Span) -> Iterator[_Piece]:
    """Yield what the hot log holds; only batches across an edge of the span are opened."""
    batches = Batch.objects.filter(agent=agent, last_ms__gte=span.start, first_ms__lt=span.end)
    across = Q(first_ms__lt=span.start) | Q(last_ms__gte=span.end)
    inside = batches.exclude(across).aggregate(
        first_ms=Min("first_ms"), last_ms=Max("last_ms"), samples=Sum("sample_count")
    )
    if inside["samples"]:
        yield _Piece(**inside)
    times = [at for at in _times(batches.filter(across)) if span.start <= at < span.end]
    if times:
        yield _Piece(min(times), max(times), len(times))


def _times(batches: QuerySet[Batch]) -> Iterator[int]:
    for count, payload in batches.values_list("sample_count", "payload"):
        yield from np.frombuffer(payload, hotlog.TIME, count).tolist()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
