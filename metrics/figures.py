"""Figures: count, total, minimum and maximum of a series by bucket, how they add up and are kept.

Figures of fine buckets give those of coarser ones exactly, which means do not: the mean is reckoned
last, as total by count. A sample is the figures of itself alone, so that one function reduces all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics import codec
from metrics.buckets import Column, Grid, Reduced, spread
from metrics.catalog import metric_of
from metrics.codec import ChunkDamaged, ColumnKey, Statistic, Times, Values
from metrics.names import SeriesKey

_SHARED: Final = ColumnKey("", "", Statistic.COUNT)
"""The counts of all series that have none of their own; no metric has an empty name."""

_ROUNDING: Final = 1e-12
"""How far, by its size, the total of a few hundred numbers may be off."""

_FEW: Final = 4
"""Up to so many buckets, a gap among them would pass for how far apart samples lie."""


class Figures(NamedTuple):
    """One series: bucket starts in ms, ascending, and what is in each; no bucket is empty."""

    times_ms: Times
    counts: Values
    totals: Values
    minima: Values
    maxima: Values

    def at(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Figures:
        """Return the buckets of these positions, or where a mask is true."""
        return Figures(
            self.times_ms[chosen],
            self.counts[chosen],
            self.totals[chosen],
            self.minima[chosen],
            self.maxima[chosen],
        )


Page = dict[SeriesKey, Figures]


def of_samples(column: Column) -> Figures:
    """Return samples as figures, one bucket each."""
    times, values = column
    return Figures(times, np.ones(len(times)), values, values, values)


def rolled_up(figures: Figures, bucket_ms: int) -> Figures:
    """Return the figures of buckets of `bucket_ms`, which hold the given ones whole."""
    starts = figures.times_ms // bucket_ms * bucket_ms
    if not len(starts):
        return figures
    # In order already, so that where a bucket starts is told without sorting.
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    times = starts[first]
    # The largest numbers there are may be sent, and add up to infinity.
    with np.errstate(over="ignore", invalid="ignore"):
        return Figures(
            times,
            np.add.reduceat(figures.counts, first),
            np.add.reduceat(figures.totals, first),
            np.minimum.reduceat(figures.minima, first),
            np.maximum.reduceat(figures.maxima, first),
        )


def on_grid(figures: Figures, grid: Grid) -> Reduced:
    """Return the mean, minimum and maximum in each bucket of `grid`, None where it is empty."""
    times = figures.times_ms
    if len(times) and (times[0] < grid.start_ms or times[-1] >= grid.end_ms):
        figures = figures.at((times >= grid.start_ms) & (times < grid.end_ms))
    coarse = rolled_up(figures, grid.step_ms)
    places = (coarse.times_ms - grid.start_ms) // grid.step_ms
    return Reduced(
        mean=spread(coarse.totals / coarse.counts, places, grid.count),
        minimum=spread(coarse.minima, places, grid.count),
        maximum=spread(coarse.maxima, places, grid.count),
    )


def together(pieces: Sequence[Figures]) -> Figures:
    """Return pieces of a series as one, in order of time. They must not share samples."""
    if len(pieces) == 1:
        return pieces[0]
    joined = _joined(pieces)
    return joined.at(np.argsort(joined.times_ms, kind="stable"))


def fuller(held: Page, fresh: Page) -> Page:
    """Return both pages as one; of two versions of a bucket, the one of more samples stands."""
    keys = dict.fromkeys([*held, *fresh])
    return {key: _fuller([page[key] for page in (held, fresh) if key in page]) for key in keys}


def _fuller(versions: Sequence[Figures]) -> Figures:
    if len(versions) == 1:
        return versions[0]
    joined = _joined(versions)
    ordered = joined.at(np.lexsort((joined.counts, joined.times_ms)))
    is_last = np.append(np.diff(ordered.times_ms) != 0, True)
    return ordered.at(is_last)


def _joined(pieces: Sequence[Figures]) -> Figures:
    return Figures(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


def spacing_seconds(page: Iterable[Figures]) -> float:
    """Return how far apart the samples lie, by the median of the fullest series; 0 if unknown."""
    fullest = max(page, key=lambda figures: len(figures.times_ms), default=None)
    if fullest is None or len(fullest.times_ms) <= _FEW:
        return 0.0
    apart = float(np.median(np.diff(fullest.times_ms)))
    return apart / float(np.median(fullest.counts)) / 1000


def encode(page: Mapping[SeriesKey, Figures]) -> tuple[Times, Values, bytes]:
    """Return the times of a chunk of these figures, the samples of each, and the chunk.

    A bucket has as many samples as its fullest series.
    """
    times = np.unique(np.concatenate([figures.times_ms for figures in page.values()]))
    places = {key: np.searchsorted(times, figures.times_ms) for key, figures in page.items()}
    shared = np.zeros(len(times))
    for key, figures in page.items():
        shared[places[key]] = np.maximum(shared[places[key]], figures.counts)
    columns = {_SHARED: shared}
    for key, figures in page.items():
        kept = {
            Statistic.TOTAL: _rounded(figures.totals, metric_of(key.metric).decimals),
            Statistic.MINIMUM: figures.minima,
            Statistic.MAXIMUM: figures.maxima,
        }
        if not np.array_equal(figures.counts, shared[places[key]]):
            kept[Statistic.COUNT] = figures.counts
        for statistic, numbers in kept.items():
            column = np.full(len(times), np.nan)
            column[places[key]] = numbers
            columns[ColumnKey(*key, statistic)] = column
    return times, shared, codec.encode_columns(times, columns)


def decode(chunk: bytes, metrics: Collection[str] | None = None) -> tuple[Page, list[ChunkDamaged]]:
    """Return the figures of `metrics` (all where None), and what is damaged.

    A series of which a column is damaged is left out. Raises ChunkDamaged if nothing can be read.
    """
    wanted = None if metrics is None else {_SHARED.metric, *metrics}
    times, columns, damage = codec.decode_columns(chunk, wanted)
    keys = dict.fromkeys(SeriesKey(key.metric, key.instance) for key in columns if key != _SHARED)
    spoilt = {error.what for error in damage}
    if _SHARED not in columns:
        raise ChunkDamaged("counts")
    page = {}
    for key in keys:
        if f"{key.metric} {key.instance}".strip() in spoilt:
            continue
        total = columns[ColumnKey(*key, Statistic.TOTAL)]
        page[key] = Figures(
            times,
            columns.get(ColumnKey(*key, Statistic.COUNT), columns[_SHARED]),
            total,
            columns[ColumnKey(*key, Statistic.MINIMUM)],
            columns[ColumnKey(*key, Statistic.MAXIMUM)],
        ).at(~np.isnan(total))
    return page, damage


def counts(chunk: bytes) -> tuple[Times, Values]:
    """Return the bucket starts of a chunk, and the samples of each. Raises ChunkDamaged."""
    times, columns, _ = codec.decode_columns(chunk, {_SHARED.metric})
    if _SHARED not in columns:
        raise ChunkDamaged("counts")
    return times, columns[_SHARED]


def _rounded(totals: Values, decimals: int) -> Values:
    """Return the totals without the error of adding, where it is no more than that."""
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.round(totals, decimals)
        is_same = np.abs(near - totals) <= _ROUNDING * np.abs(totals)
    return np.where(is_same, near, totals)
