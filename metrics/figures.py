"""Figures: count, total, minimum and maximum of series by bucket, how they add up and are kept.

Figures of fine buckets give those of coarser ones exactly, which means do not: the mean is reckoned
last, as total by count. A sample is the figures of itself alone, so that one function reduces all,
and all series of an agent at once: they share their times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics import codec
from metrics.catalog import metric_of
from metrics.codec import ChunkDamaged, ColumnKey, Columns, Statistic, Times, Values
from metrics.names import SeriesKey
from metrics.samples import Samples

_SHARED: Final = ColumnKey("", "", Statistic.COUNT)
"""The counts of all series that have none of their own; no metric has an empty name."""

_KEPT: Final = (Statistic.TOTAL, Statistic.MINIMUM, Statistic.MAXIMUM)

_ROUNDING: Final = 1e-12
"""How far, by its size, the total of a few hundred numbers may be off."""


class Figures(NamedTuple):
    """Series over common buckets: a row a series, a column a bucket.

    `times_ms` are the starts of the buckets and ascend. Where a series has nothing, its count and
    total are 0 and its extremes NaN. `counts` has a single row where all series have the same.
    """

    keys: Sequence[SeriesKey]
    times_ms: Times
    counts: Values
    totals: Values
    minima: Values
    maxima: Values

    def at(self, chosen: slice | npt.NDArray[np.bool_]) -> Figures:
        """Return the buckets of a slice, or where a mask is true."""
        parts = (self.counts, self.totals, self.minima, self.maxima)
        return Figures(self.keys, self.times_ms[chosen], *(part[:, chosen] for part in parts))

    def between(self, start_ms: int, end_ms: int) -> Figures:
        """Return the buckets that start in [start_ms, end_ms)."""
        first, end = np.searchsorted(self.times_ms, (start_ms, end_ms))
        return self if (first, end) == (0, len(self.times_ms)) else self.at(slice(first, end))

    def sample_count(self) -> int:
        """Return how many samples there were: of each bucket those of its fullest series."""
        return int(self.counts.max(axis=0, initial=0).sum())

    def value_count(self) -> int:
        """Return how many buckets all series have together."""
        series = len(self.keys) if len(self.counts) == 1 else 1
        return series * int(np.count_nonzero(self.counts))


def of_samples(samples: Samples) -> Figures:
    """Return samples as figures, one bucket each."""
    times, keys, values = samples
    missing = np.isnan(values)
    if not missing.any():
        return Figures(keys, times, np.ones((1, len(times))), values, values, values)
    totals = np.where(missing, 0.0, values)
    return Figures(keys, times, (~missing).astype(np.float64), totals, values, values)


class Cells:
    """Which samples, or figures, of these times lie in which bucket; `starts_ms` are those."""

    def __init__(self, times_ms: Times, bucket_ms: int) -> None:
        """Take times that ascend."""
        starts = times_ms // bucket_ms * bucket_ms
        # In order already, so that where a bucket starts is told without sorting.
        self.first = np.flatnonzero(np.diff(starts, prepend=-1))
        self.starts_ms = starts[self.first]
        self._sizes = np.diff(self.first, append=len(times_ms))

    def reduce(self, samples: Values, *, into: Values) -> npt.NDArray[np.int64]:
        """Write counts, totals, minima and maxima, a row a series, into four matrices.

        Returns how many samples each series has; NaN is none.
        """
        counts, totals, minima, maxima = into
        # The largest numbers there are may be sent, and add up to infinity.
        with np.errstate(over="ignore", invalid="ignore"):
            np.add.reduceat(samples, self.first, axis=1, out=totals)
            np.fmin.reduceat(samples, self.first, axis=1, out=minima)
            np.fmax.reduceat(samples, self.first, axis=1, out=maxima)
            counts[:] = self._sizes
            if not np.isnan(totals).any():
                return np.full(len(samples), samples.shape[1])
            is_held = ~np.isnan(samples)
            np.add.reduceat(is_held, self.first, axis=1, dtype=np.float64, out=counts)
            np.add.reduceat(np.where(is_held, samples, 0.0), self.first, axis=1, out=totals)
        counts_of_all: npt.NDArray[np.int64] = is_held.sum(axis=1)
        return counts_of_all


def rolled_up(figures: Figures, bucket_ms: int) -> Figures:
    """Return the figures of buckets of `bucket_ms`, which hold the given ones whole."""
    cells = Cells(figures.times_ms, bucket_ms)
    first = cells.first
    if len(first) == len(figures.times_ms):
        return figures._replace(times_ms=cells.starts_ms)
    with np.errstate(over="ignore", invalid="ignore"):
        return Figures(
            figures.keys,
            cells.starts_ms,
            np.add.reduceat(figures.counts, first, axis=1),
            np.add.reduceat(figures.totals, first, axis=1),
            np.fmin.reduceat(figures.minima, first, axis=1),
            np.fmax.reduceat(figures.maxima, first, axis=1),
        )


def fuller(held: Figures, fresh: Figures) -> Figures:
    """Return both as one; of two versions of a bucket, the one of more samples stands."""
    times = np.union1d(held.times_ms, fresh.times_ms)
    keys = list(dict.fromkeys([*held.keys, *fresh.keys]))
    old, new = (_spread(part, keys, times) for part in (held, fresh))
    is_new = new.counts >= old.counts
    pairs = zip(new[2:], old[2:], strict=True)
    return Figures(keys, times, *(np.where(is_new, mine, theirs) for mine, theirs in pairs))


def _spread(figures: Figures, keys: Sequence[SeriesKey], times: Times) -> Figures:
    """Return figures with rows for all of `keys` and columns for all of `times`."""
    rows = {key: row for row, key in enumerate(keys)}
    places = np.searchsorted(times, figures.times_ms)
    at = np.ix_(np.array([rows[key] for key in figures.keys], np.int64), places)

    def spread(numbers: Values, empty: float) -> Values:
        wide = np.full((len(keys), len(times)), empty)
        wide[at] = numbers
        return wide

    return Figures(
        keys,
        times,
        spread(figures.counts, 0.0),
        spread(figures.totals, 0.0),
        spread(figures.minima, np.nan),
        spread(figures.maxima, np.nan),
    )


def encode(figures: Figures) -> bytes:
    """Return the chunk of these figures."""
    count = len(figures.times_ms)
    shared = figures.counts.max(axis=0)
    keys, rows = [_SHARED], [shared[np.newaxis]]
    own = np.broadcast_to(figures.counts, (len(figures.keys), count))
    held = own > 0
    has_own = (held & (own != shared)).any(axis=1)
    totals = _rounded(figures)
    for row, key in enumerate(figures.keys):
        statistics = dict(zip(_KEPT, (totals, figures.minima, figures.maxima), strict=True))
        keys += [ColumnKey(*key, statistic) for statistic in statistics]
        rows += [np.where(held[row], each[row], np.nan) for each in statistics.values()]
        if has_own[row]:
            keys.append(ColumnKey(*key, Statistic.COUNT))
            rows.append(np.where(held[row], own[row], np.nan))
    return codec.encode(Columns(figures.times_ms, keys, np.vstack(rows)))


def decode(
    chunk: bytes, metrics: Collection[str] | None = None
) -> tuple[Figures, list[ChunkDamaged]]:
    """Return the figures of `metrics` (all where None), and what is damaged.

    A series of which a column is damaged is left out. Raises ChunkDamaged if nothing can be read.
    """
    wanted = None if metrics is None else {_SHARED.metric, *metrics}
    (times, keys, values), damage = codec.decode(chunk, wanted)
    row_of = {key: row for row, key in enumerate(keys)}
    if _SHARED not in row_of:
        raise ChunkDamaged("counts")
    spoilt = {error.what for error in damage}
    series = [
        SeriesKey(*key[:2])
        for key in keys
        if key.statistic is Statistic.TOTAL and key.what not in spoilt
    ]
    totals, minima, maxima = (
        values[[row_of[ColumnKey(*key, statistic)] for key in series]] for statistic in _KEPT
    )
    missing = np.isnan(totals)
    counts = _counts(series, row_of, values)
    if missing.any() or len(counts) > 1:
        counts = np.where(missing, 0.0, counts)
        totals = np.where(missing, 0.0, totals)
    return Figures(series, times, counts, totals, minima, maxima), damage


def counts(chunk: bytes) -> tuple[Times, Values]:
    """Return the bucket starts of a chunk, and the samples of each. Raises ChunkDamaged."""
    (times, keys, values), _ = codec.decode(chunk, {_SHARED.metric})
    if _SHARED not in keys:
        raise ChunkDamaged("counts")
    return times, values[keys.index(_SHARED)]


def _counts(series: Sequence[SeriesKey], row_of: Mapping[ColumnKey, int], values: Values) -> Values:
    """Return a row of counts for all series, or one each if any has its own."""
    shared = row_of[_SHARED]
    rows = [row_of.get(ColumnKey(*key, Statistic.COUNT), shared) for key in series]
    return values[rows] if any(row != shared for row in rows) else values[shared : shared + 1]


def _rounded(figures: Figures) -> Values:
    """Return the totals without the error of adding, where it is no more than that."""
    decimals = [[metric_of(key.metric).decimals] for key in figures.keys]
    scale = 10.0 ** np.array(decimals, np.float64).reshape(-1, 1)
    totals = figures.totals
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.rint(totals * scale) / scale
        is_same = np.abs(near - totals) <= _ROUNDING * np.abs(totals)
    return np.where(is_same, near, totals)
