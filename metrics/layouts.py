"""Layouts: the list of series of a batch, named once and found again by its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from metrics.models import Layout
from metrics.names import SeriesKey

_CACHE_LIMIT = 4096


_ids: dict[tuple[tuple[str, str], ...], int] = {}
_series: dict[int, tuple[SeriesKey, ...]] = {}


def id_of(series: tuple[tuple[str, str], ...]) -> int:
    """Return the id of the layout of `series`, stored if it is new. Call it outside a transaction.

    An id stays in this process's memory, so it must not come from a transaction that may be undone.
    """
    known = _ids.get(series)
    if known is not None:
        return known
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


def forget() -> None:
    """Empty this process's memory of layouts, after the database under it was replaced."""
    _ids.clear()
    _series.clear()
