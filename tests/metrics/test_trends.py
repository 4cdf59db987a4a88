"""Slopes that are right in spite of noise, and honest about it."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.trends import POINTS_MAXIMUM, trend_of

HOURS = np.arange(168) * 3600.0


class TestTrend:
    def test_of_a_straight_line_is_its_slope(self):
        trend = trend_of(HOURS, 5.0 - 2.0 * HOURS)

        assert trend is not None
        assert trend.per_second == pytest.approx(-2.0)
        assert trend.span_seconds == 167 * 3600
        assert trend.is_certain

    def test_is_not_bent_by_spikes_and_gaps(self):
        values = 1e9 - 100.0 * HOURS
        values[20:40] += 5e8
        values[60:80] = np.nan

        trend = trend_of(HOURS, values)

        assert trend is not None
        assert trend.per_second == pytest.approx(-100.0, rel=0.1)

    @pytest.mark.parametrize("seed", range(5))
    def test_of_noise_is_not_certain(self, seed):
        values = np.random.default_rng(seed).normal(1e9, 1e7, len(HOURS))

        trend = trend_of(HOURS, values)

        assert trend is not None
        assert not trend.is_certain

    def test_of_a_disk_that_is_cleaned_each_night_is_not_certain(self):
        trend = trend_of(HOURS, 1e9 - 1e6 * (np.arange(168) % 24.0))

        assert trend is not None
        assert not trend.is_certain

    def test_of_what_never_moves_is_level(self):
        trend = trend_of(HOURS, np.full(168, 7.0))

        assert trend is not None
        assert (trend.per_second, trend.is_certain) == (0.0, False)

    def test_needs_points(self):
        assert trend_of(HOURS[:11], HOURS[:11]) is None
        assert trend_of(HOURS, np.full(168, np.nan)) is None

    def test_takes_no_more_than_it_can_compare(self):
        many = np.arange(POINTS_MAXIMUM + 1.0)

        with pytest.raises(ValueError, match="too many"):
            trend_of(many, many)
