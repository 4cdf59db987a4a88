"""The last hour of CPU: a mean a minute, as the samples give it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import cpu_hour
from metrics.names import SeriesKey
from metrics.wire import Block

MINUTE = 60_000
T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
T0_MS = int(T0.timestamp() * 1000)
CPU = SeriesKey("cpu_percent", "")
LOAD = SeriesKey("load_1m", "")


def block(samples: dict[int, float], series: SeriesKey = CPU) -> Block:
    """Return a block of samples by ms after T0, with another series before the one named."""
    times = [T0_MS + offset for offset in samples]
    values = np.array([[7.0, value] for value in samples.values()])
    return Block((LOAD, series), list(range(len(times))), times, values, [[] for _ in times])


def after(*bodies: dict[int, float], received: int = 60 * MINUTE) -> bytes:
    hour = b""
    for samples in bodies:
        hour = cpu_hour.added(hour, [block(samples)], received_ms=T0_MS + received)
    return hour


def shown(hour: bytes, *, minutes: int = 60) -> list[float | None]:
    """Return the hour as it is that many minutes after T0."""
    [means] = cpu_hour.means({1: hour}, now=T0 + timedelta(minutes=minutes, seconds=30)).values()
    return means


class TestCpuHour:
    def test_is_a_mean_a_minute(self):
        hour = after({0: 10.0}, {10_000: 20.0}, {MINUTE: 40.0}, {2 * MINUTE: 1.0, 140_000: 2.0})

        assert shown(hour, minutes=2)[-4:] == [None, 15.0, 40.0, 1.5]

    def test_leaves_gaps(self):
        assert shown(after({0: 10.0}, {3 * MINUTE: 20.0}), minutes=3)[-4:] == [10, None, None, 20]

    def test_moves_on_while_nothing_comes(self):
        hour = after({0: 10.0})

        assert shown(hour, minutes=60)[0] == 10.0
        assert set(shown(hour, minutes=61)) == {None}

    def test_starts_afresh_after_a_long_silence(self):
        hour = after({0: 10.0}, {500 * MINUTE: 20.0}, received=500 * MINUTE)

        assert shown(hour, minutes=500) == [None] * 60 + [20.0]

    def test_takes_late_minutes_and_keeps_those_it_has(self):
        hour = after({0: 10.0}, {5 * MINUTE: 20.0}, {MINUTE: 30.0, MINUTE + 1: 50.0, 5: 90.0})

        assert shown(hour, minutes=5)[-6:] == [10.0, 40.0, None, None, None, 20.0]

    def test_skips_backlogs_of_long_ago(self):
        hour = after({0: 10.0}, received=60 * MINUTE + 1)

        assert hour == b""

    def test_is_not_changed_by_other_series(self):
        series = SeriesKey("cpu_core_percent", "0")

        assert cpu_hour.added(b"", [block({0: 1.0}, series)], received_ms=T0_MS) == b""

    def test_shows_what_a_clock_that_is_ahead_says_when_it_is_time(self):
        hour = after({5 * MINUTE: 20.0})

        assert set(shown(hour, minutes=4)) == {None}
        assert shown(hour, minutes=5)[-1] == 20.0

    @pytest.mark.parametrize("value", [1e308, -1e308])
    def test_takes_any_number(self, value):
        hour = after({0: value, 1: value})

        assert abs(shown(hour, minutes=0)[-1] or 0) == pytest.approx(3e38)
        finished = cpu_hour.added(hour, [block({MINUTE: 1.0})], received_ms=T0_MS)
        assert abs(shown(finished, minutes=1)[-2] or 0) == pytest.approx(3e38)

    def test_of_nothing_is_a_gap(self):
        assert cpu_hour.means({}, now=T0) == {}
        assert cpu_hour.means({1: b""}, now=T0) == {1: [None] * cpu_hour.POINTS}

    @given(
        offsets=st.lists(st.integers(0, 90 * MINUTE), min_size=1, max_size=60, unique=True),
        values=st.lists(st.floats(0, 100).map(lambda value: round(value, 1)), min_size=1),
        sizes=st.lists(st.integers(1, 8), min_size=1),
    )
    def test_equals_a_plain_reference_for_samples_in_order(self, offsets, values, sizes):
        sent = {at: values[place % len(values)] for place, at in enumerate(sorted(offsets))}
        minutes: dict[int, list[float]] = defaultdict(list)
        for at, value in sent.items():
            minutes[at // MINUTE].append(value)
        hour, left = b"", list(sent.items())
        while left:
            size = sizes[len(left) % len(sizes)]
            batch, left = dict(left[:size]), left[size:]
            hour = cpu_hour.added(hour, [block(batch)], received_ms=T0_MS + max(batch))

        for minute, mean in zip(range(30, 91), shown(hour, minutes=90), strict=True):
            inside = minutes.get(minute)
            assert (mean is None) == (inside is None)
            if inside:
                assert mean == pytest.approx(math.fsum(inside) / len(inside), abs=0.01)
