"""Gathering: what is found of series, part after part, becomes one figure a bucket of a grid.

Each part is brought into buckets as soon as it is read: a day of samples is 1 MB, and to keep
several until all are there cost a tenth of the time that a page of a day takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics import figures
from metrics.buckets import Grid
from metrics.chunk_format import Times, Values
from metrics.chunk_reader import Reader
from metrics.figures import Figures
from metrics.names import SeriesKey

_FEW: Final = 4
"""Up to so many buckets, a gap among them would pass for how far apart samples lie."""

_PAIRS: Final = 1000
"""So many pairs of neighbours, from all over a range, tell how far apart its samples lie."""


class Gridded(NamedTuple):
    """Mean, minimum and maximum of series: a row a series, a column a bucket, NaN for gaps."""

    keys: Sequence[SeriesKey]
    means: Values
    minima: Values
    maxima: Values


class _Fullest(NamedTuple):
    """When the series that is there most often is there, and with how many samples each time."""

    times_ms: Times
    samples_each: float


class Gathering:
    """What was found, in `parts` of the grid's buckets that share no sample."""

    def __init__(self, grid: Grid) -> None:
        """Start with nothing found."""
        self.parts: list[Figures] = []
        self._grid = grid
        self._fullest = _Fullest(np.empty(0, np.int64), 1.0)

    def add(self, page: Figures) -> None:
        """Add figures of buckets, or of single samples, that the grid's buckets hold whole."""
        part = page.between(self._grid.start_ms, self._grid.end_ms)
        if not part.totals.size:
            return
        counts = part.counts[np.count_nonzero(part.counts, axis=1).argmax()]
        is_held = counts > 0
        if np.count_nonzero(is_held) > len(self._fullest.times_ms):
            self._fullest = _Fullest(part.times_ms[is_held], _middle(counts[is_held]))
        self.parts.append(figures.rolled_up(part, self._grid.step_ms))

    def add_samples(self, reader: Reader) -> None:
        """Add the samples of a raw chunk; `reader.damage` is whole afterwards."""
        span = slice(*np.searchsorted(reader.times_ms, (self._grid.start_ms, self._grid.end_ms)))
        times = reader.times_ms[span]
        if not len(times):
            return
        cells = figures.Cells(times, self._grid.step_ms)
        table = np.empty((4, len(reader), len(cells.starts_ms)))
        keys: list[SeriesKey] = []
        for names, block in reader.blocks():
            samples = block[:, span]
            rows = slice(len(keys), len(keys) + len(names))
            counts = cells.reduce(samples, into=table[:, rows])
            keys += [SeriesKey(*name[:2]) for name in names]
            fullest = counts.argmax()
            if counts[fullest] > len(self._fullest.times_ms):
                self._fullest = _Fullest(times[~np.isnan(samples[fullest])], 1.0)
        if keys:
            self.parts.append(Figures(keys, cells.starts_ms, *table[:, : len(keys)]))

    def spacing_seconds(self) -> float:
        """Return how far apart the samples of the fullest series lie; 0 if unknown."""
        times, samples_each = self._fullest
        if len(times) <= _FEW:
            return 0.0
        # Some tell as much as all, in a fifth of the time.
        every = len(times) // _PAIRS + 1
        return _middle(times[1::every] - times[:-1:every]) / samples_each / 1000

    def gridded(self) -> Gridded:
        """Return what there is in each bucket; a series that has nothing has no row."""
        whole = _added(self.parts, self._grid)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            means = whole.totals / whole.counts
        has_any = (whole.counts > 0).any(axis=1)
        if has_any.all():
            return Gridded(whole.keys, means, whole.minima, whole.maxima)
        keys = [whole.keys[row] for row in np.flatnonzero(has_any).tolist()]
        return Gridded(keys, means[has_any], whole.minima[has_any], whole.maxima[has_any])


def _added(parts: Sequence[Figures], grid: Grid) -> Figures:
    """Return parts in buckets of the grid as one that has all its buckets."""
    rows = {
        key: row for row, key in enumerate(dict.fromkeys(k for part in parts for k in part.keys))
    }
    shape = (len(rows), grid.count)
    counts, totals = np.zeros(shape), np.zeros(shape)
    minima, maxima = np.full(shape, np.nan), np.full(shape, np.nan)
    for part in parts:
        places = (part.times_ms - grid.start_ms) // grid.step_ms
        at = _cells([rows[key] for key in part.keys], places)
        counts[at] += part.counts
        with np.errstate(over="ignore", invalid="ignore"):
            totals[at] += part.totals
        minima[at] = np.fmin(minima[at], part.minima)
        maxima[at] = np.fmax(maxima[at], part.maxima)
    times = grid.start_ms + grid.step_ms * np.arange(grid.count)
    return Figures(list(rows), times, counts, totals, minima, maxima)


def _cells(rows: Sequence[int], places: npt.NDArray[np.int64]) -> Any:
    """Return the index of a matrix's cells in these rows and columns, both ascending.

    Slices where they are without gaps, as they mostly are: those take a sixth of the time.
    """
    across: Any = np.array(rows, np.int64)
    along: Any = places
    if len(rows) and rows == list(range(rows[0], rows[0] + len(rows))):
        across = slice(rows[0], rows[0] + len(rows))
    if len(places) and places[-1] - places[0] + 1 == len(places):
        along = slice(int(places[0]), int(places[-1]) + 1)
    if isinstance(across, slice) or isinstance(along, slice):
        return across, along
    return np.ix_(across, along)


def _middle(numbers: npt.NDArray[Any]) -> float:
    """Return the upper median, in a quarter of the time that numpy's takes."""
    half = len(numbers) // 2
    return float(np.partition(numbers, half)[half])
