"""Layouts: the list of series of a batch, named once and found again by its digest.

A process remembers the layouts it has met, the one that each agent sent last, and a reader for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from metrics.models import Layout
from metrics.names import SeriesKey, SeriesNames
from metrics.readers import KnownSeries, known

_CACHE_LIMIT: Final = 4096
_READERS_AT_MOST: Final = 512
"""A reader takes 20 KB, so a fleet of different machines must not make one for each."""

_AGENTS_AT_MOST: Final = 20_000

_ids: dict[SeriesNames, int] = {}
_series: dict[int, tuple[SeriesKey, ...]] = {}
_readers: dict[int, KnownSeries | None] = {}
_sent_last: dict[int, int] = {}


def id_of(series: SeriesNames) -> int:
    """Return the id of the layout of `series`, stored if it is new.

    An id stays in this process's memory: call `forget` where the transaction is undone.
    """
    held = _ids.get(series)
    if held is not None:
        return held
    packed = msgspec.msgpack.encode(series)
    layout, _ = Layout.objects.get_or_create(
        digest=hashlib.sha256(packed).digest(), defaults={"series": packed}
    )
    if len(_ids) >= _CACHE_LIMIT:
        _ids.clear()
    _ids[series] = layout.pk
    return layout.pk


def series_of(layout_ids: Sequence[int]) -> dict[int, tuple[SeriesKey, ...]]:
    """Return the series of each layout; one query for those this process has not met yet."""
    missing = {key for key in layout_ids if key not in _series}
    if missing:
        if len(_series) + len(missing) > _CACHE_LIMIT:
            _series.clear()
            missing = set(layout_ids)
        for pk, packed in Layout.objects.filter(pk__in=missing).values_list("pk", "series"):
            pairs = msgspec.msgpack.decode(packed, type=list[tuple[str, str]])
            _series[pk] = tuple(SeriesKey(*pair) for pair in pairs)
    return {key: _series[key] for key in layout_ids}


def note_sent(agent_pk: int, layout: int, series: SeriesNames) -> None:
    """Remember what an agent sent, so that its next body is read quicker.

    A reader is made when a layout comes a second time: it costs more than it saves on the first.
    """
    if _sent_last.get(agent_pk) != layout:
        if len(_sent_last) >= _AGENTS_AT_MOST:
            _sent_last.clear()
        _sent_last[agent_pk] = layout
    elif layout not in _readers and len(_readers) < _READERS_AT_MOST:
        _readers[layout] = known(series)


def known_of(agent_pk: int) -> KnownSeries | None:
    """Return the series that the agent sent last, with their reader; None where there is none."""
    return _readers.get(_sent_last.get(agent_pk, 0))


def forget() -> None:
    """Empty this process's memory of layouts: what it holds may have been undone."""
    for memory in (_ids, _series, _readers, _sent_last):
        memory.clear()
