"""Samples of one agent as a matrix: how they are kept as a chunk, and how two lots become one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np

from metrics import codec
from metrics.codec import ChunkDamaged, ColumnKey, Statistic, Times, Values
from metrics.names import SeriesKey
from metrics.tiers import DAY_MS

CELLS_MAXIMUM: Final = 50_000_000
"""Times by series, 8 bytes each: an agent whose series all differ must not fill memory."""


class TooWide(Exception):  # noqa: N818  (reads as the claim it is)
    """Samples would have more cells than are taken."""


class Samples(NamedTuple):
    """Times that ascend, and a row of values a series, NaN where a sample does not have it."""

    times_ms: Times
    keys: Sequence[SeriesKey]
    values: Values

    def between(self, start_ms: int, end_ms: int) -> Samples:
        """Return the samples in [start_ms, end_ms), and the series that they have."""
        first, end = np.searchsorted(self.times_ms, (start_ms, end_ms))
        return Samples(self.times_ms[first:end], self.keys, self.values[:, first:end])

    def days(self) -> list[int]:
        """Return the starts of the UTC days that have samples."""
        return [int(day) * DAY_MS for day in np.unique(self.times_ms // DAY_MS)]


def encode(samples: Samples) -> bytes:
    """Return the raw chunk of these samples."""
    keys = [ColumnKey(*key, Statistic.VALUE) for key in samples.keys]
    return codec.encode(codec.Columns(samples.times_ms, keys, samples.values))


def decode(
    chunk: bytes, metrics: Collection[str] | None = None
) -> tuple[Samples, list[ChunkDamaged]]:
    """Return the samples of a raw chunk, and what of it is damaged.

    Only the series of `metrics`, all where None. Raises ChunkDamaged if nothing can be read.
    """
    (times, keys, values), damage = codec.decode(chunk, metrics)
    return Samples(times, [SeriesKey(*key[:2]) for key in keys], values), damage


def joined(held: Samples, fresh: Samples) -> Samples:
    """Return both as one; where both have a sample of one time, the held one stands.

    Raises TooWide.
    """
    times = np.union1d(held.times_ms, fresh.times_ms)
    rows = {key: row for row, key in enumerate(dict.fromkeys([*held.keys, *fresh.keys]))}
    if len(times) * len(rows) > CELLS_MAXIMUM:
        raise TooWide
    values = np.full((len(rows), len(times)), np.nan)
    is_new = ~np.isin(fresh.times_ms, held.times_ms)
    new = Samples(fresh.times_ms[is_new], fresh.keys, fresh.values[:, is_new])
    for part in (held, new):
        places = np.searchsorted(times, part.times_ms)
        chosen = np.array([rows[key] for key in part.keys], np.int64)
        values[np.ix_(chosen, places)] = part.values
    return Samples(times, list(rows), values)
