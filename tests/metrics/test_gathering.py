"""Gathering: samples and figures become one mean, minimum and maximum a bucket."""

from __future__ import annotations

import numpy as np
import pytest

from metrics import figures, samples
from metrics.buckets import Grid
from metrics.chunk_reader import Reader
from metrics.gathering import Gathering
from metrics.names import SeriesKey
from metrics.samples import Samples

CPU = SeriesKey("cpu_percent", "")
LOAD = SeriesKey("load_1m", "")
T0 = 1_763_900_040_000
NAN = float("nan")


def samples_of(*rows: list[float], every_ms: int = 10_000) -> Samples:
    times = T0 + every_ms * np.arange(len(rows[0]), dtype=np.int64)
    return Samples(times, [CPU, LOAD][: len(rows)], np.array(rows, np.float64))


def sealed(found: Samples, grid: Grid) -> Gathering:
    gathering = Gathering(grid)
    gathering.add_samples(Reader(samples.encode(found), None))
    return gathering


def hot(found: Samples, grid: Grid) -> Gathering:
    gathering = Gathering(grid)
    gathering.add(figures.of_samples(found))
    return gathering


@pytest.mark.parametrize("gathered", [sealed, hot])
class TestGathering:
    def test_reduces_each_bucket(self, gathered):
        found = samples_of([1.0, 2.0, 6.0, 4.0, 8.0], [0.5, 0.5, 0.5, 0.5, 2.5])

        gridded = gathered(found, Grid(T0, 30_000, 3)).gridded()

        assert gridded.keys == [CPU, LOAD]
        np.testing.assert_array_equal(gridded.means, [[3, 6, NAN], [0.5, 1.5, NAN]])
        np.testing.assert_array_equal(gridded.minima, [[1, 4, NAN], [0.5, 0.5, NAN]])
        np.testing.assert_array_equal(gridded.maxima, [[6, 8, NAN], [0.5, 2.5, NAN]])

    def test_leaves_out_what_a_sample_lacks(self, gathered):
        found = samples_of([NAN, 2.0, 4.0, NAN, NAN, NAN], [1.0, 1.0, 1.0, 2.0, 3.0, 4.0])

        gridded = gathered(found, Grid(T0, 30_000, 2)).gridded()

        np.testing.assert_array_equal(gridded.means, [[3, NAN], [1, 3]])
        np.testing.assert_array_equal(gridded.maxima, [[4, NAN], [1, 4]])

    def test_leaves_out_what_lies_beyond_the_grid(self, gathered):
        found = samples_of([9.0, 9.0, 9.0, 1.0, 2.0, 3.0, 9.0])

        gridded = gathered(found, Grid(T0 + 30_000, 30_000, 1)).gridded()

        np.testing.assert_array_equal(gridded.means, [[2]])

    def test_has_no_row_for_a_series_that_is_not_there(self, gathered):
        found = samples_of([1.0, NAN, NAN], [1.0, 2.0, 3.0])

        assert gathered(found, Grid(T0 + 10_000, 10_000, 2)).gridded().keys == [LOAD]

    def test_bears_the_largest_numbers(self, gathered):
        found = samples_of([1.7e308, 1.7e308, -1.7e308])

        gridded = gathered(found, Grid(T0, 30_000, 1)).gridded()

        assert (gridded.minima.item(), gridded.maxima.item()) == (-1.7e308, 1.7e308)

    def test_tells_how_far_apart_the_samples_of_the_fullest_series_lie(self, gathered):
        count = 6000
        often = np.full(count, 1.0)
        often[1::2] = NAN
        seldom = np.full(count, 1.0)
        seldom[np.arange(count) % 6 != 0] = NAN
        found = samples_of(often.tolist(), seldom.tolist())

        assert gathered(found, Grid(T0, 3_600_000, 20)).spacing_seconds() == 20

    def test_does_not_tell_it_of_a_few_samples(self, gathered):
        assert gathered(samples_of([1.0, 2.0, 3.0]), Grid(T0, 30_000, 2)).spacing_seconds() == 0
