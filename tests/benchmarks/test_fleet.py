"""The simulated fleet: repeatable, as agents send, and without a period to compress by."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import fleet
from metrics.catalog import BY_NAME, InstanceKind


@pytest.fixture(scope="module")
def machines() -> list[fleet.Run]:
    return [fleet.machine(number, 1000) for number in range(8)]


class TestMachine:
    def test_is_the_same_every_time(self):
        first, again = fleet.machine(3, 500), fleet.machine(3, 500)

        assert np.array_equal(first.values, again.values)
        assert np.array_equal(first.offsets_ms, again.offsets_ms)

    def test_is_unlike_the_others(self):
        assert not np.array_equal(fleet.machine(0, 500).values, fleet.machine(1, 500).values)
        assert not np.array_equal(
            fleet.machine(0, 500, seed=1).values, fleet.machine(0, 500).values
        )

    def test_has_60_series_that_the_catalogue_knows(self, machines):
        for name in machines[0].series:
            has_instance = BY_NAME[name.metric].instance is not InstanceKind.NONE
            assert has_instance == bool(name.instance), name

        assert len(set(machines[0].series)) == 60
        assert {run.series for run in machines} == {machines[0].series}

    def test_sends_values_as_an_agent_does(self, machines):
        for run in machines:
            for place, name in enumerate(run.series):
                column = run.values[:, place]
                assert np.isfinite(column).all()
                assert column.min() >= 0, name
                assert column.max() <= (BY_NAME[name.metric].maximum or np.inf), name
                assert np.array_equal(column, np.round(column, name.decimals)), name

    def test_takes_samples_in_order_about_10_s_apart(self, machines):
        for run in machines:
            assert np.diff(run.offsets_ms).min() > 9_900
            assert run.offsets_ms[-1] == pytest.approx(999 * 10_000, abs=100)

    def test_adds_up(self, machines):
        for run in machines:
            of = dict(zip(run.series, run.values.T, strict=True))
            named = {name.metric: column for name, column in of.items() if not name.instance}
            used = named["memory_used_bytes"] + named["memory_available_bytes"]
            assert np.array_equal(used, named["memory_total_bytes"])
            for mount in fleet.MOUNTS:
                parts = [
                    of[fleet.SeriesName(f"disk_{part}_bytes", mount)] for part in ("used", "free")
                ]
                assert (sum(parts) <= of[fleet.SeriesName("disk_total_bytes", mount)]).all()


class TestNoise:
    def test_is_only_where_the_recorded_value_moved(self):
        run = fleet.machine(5, 2000)
        moved = {
            name.metric: np.mean(np.diff(run.values[:, place]) != 0)
            for place, name in enumerate(run.series)
            if not name.instance
        }

        # In the recording, the load moves every fifth second and memory nearly every one.
        assert 0.05 < moved["load_1m"] < 0.35
        assert moved["memory_available_bytes"] > 0.7
        assert moved["memory_total_bytes"] == 0
