"""Waiting before the next attempt."""

from random import Random

import pytest

from tara_agent.backoff import backoff_seconds, requested_seconds, token_seconds


class TestBackoffSeconds:
    @pytest.mark.parametrize(
        ("failures", "ceiling"), [(0, 5), (1, 10), (4, 80), (6, 300), (100_000, 300)]
    )
    def test_lies_anywhere_below_a_growing_ceiling(self, failures, ceiling):
        rng = Random(1)
        waits = [backoff_seconds(failures, rng) for _ in range(500)]

        assert min(waits) < ceiling * 0.1
        assert ceiling * 0.9 < max(waits) <= ceiling


class TestRequestedSeconds:
    @pytest.mark.parametrize(("asked", "low"), [(0, 1), (60, 60), (10**9, 900)])
    def test_is_bounded_and_spread(self, asked, low):
        rng = Random(1)
        waits = [requested_seconds(asked, rng) for _ in range(500)]

        assert low <= min(waits) < low * 1.05
        assert low * 1.25 < max(waits) <= low * 1.3


class TestTokenSeconds:
    def test_is_5_to_15_minutes(self):
        rng = Random(1)
        waits = [token_seconds(rng) for _ in range(500)]

        assert 300 <= min(waits) < 330
        assert 870 < max(waits) <= 900
