"""Samples."""

import json
import math

import pytest

from tara_agent.collectors.protocol import Values
from tara_agent.collectors.registry import default_collectors
from tara_agent.samples import INSTANCES_MAXIMUM, Sampler, tidy


class Fixed:
    """A collector that finds what it is told to."""

    def __init__(self, values: Values, name: str = "fixed") -> None:
        self.name = name
        self.values = values

    def collect(self, now: float) -> Values:
        return self.values


class Failing:
    name = "failing"

    def collect(self, now: float) -> Values:
        raise RuntimeError("no such sensor")


@pytest.fixture
def take():
    def take(*collectors):
        return Sampler(collectors).take(now=1.0, time=1700000000.12345)

    return take


class TestTake:
    def test_is_frozen_as_the_json_that_is_sent(self, take):
        sample = take(Fixed({"cpu_percent": 12.34, "disk_percent": {"/": 71.26}}))

        assert sample.encoded == (
            b'{"time":1700000000.123,"values":{"cpu_percent":12.3,"disk_percent":{"/":71.3}}}'
        )
        assert sample.time == 1700000000.123

    def test_numbers_its_samples(self):
        sampler = Sampler([Fixed({"load_1m": 1})])

        assert [sampler.take(now=n, time=n).number for n in range(3)] == [1, 2, 3]

    def test_a_failing_collector_costs_its_own_values_only(self, take, caplog):
        sample = take(Failing(), Fixed({"load_1m": 1}))

        assert json.loads(sample.encoded)["values"] == {"load_1m": 1.0}

    def test_a_failing_collector_is_logged_once(self, caplog):
        sampler = Sampler([Failing()])
        for n in range(5):
            sampler.take(now=n, time=n)

        assert [record.getMessage() for record in caplog.records] == [
            "collector failing failed; its values are left out"
        ]

    def test_primed_it_has_rates_at_once(self):
        sampler = Sampler(default_collectors())
        sampler.prime(now=0.0)

        values = json.loads(sampler.take(now=1.0, time=1.0).encoded)["values"]

        assert "network_sent_bytes_per_second" in values


class TestTidy:
    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
    def test_leaves_out_what_is_no_number(self, value):
        assert tidy({"load_1m": value, "disk_percent": {"/": value, "/var": 1}}) == {
            "disk_percent": {"/var": 1.0}
        }

    def test_leaves_out_a_metric_without_instances(self):
        assert tidy({"disk_percent": {}}) == {}

    def test_names_no_instance_twice(self):
        values = tidy({"disk_percent": {"/mnt/\x01": 1, "/mnt/\x02": 2}})

        assert values == {"disk_percent": {"/mnt/?": 1.0}}

    def test_stays_within_the_servers_number_of_instances(self):
        many = {f"/mnt/{n}": 1 for n in range(INSTANCES_MAXIMUM + 50)}

        values = tidy(
            {"cpu_core_percent": {"0": 1}, "disk_percent": many, "disk_total_bytes": many}
        )

        names = {name for value in values.values() for name in value}
        assert len(names) == INSTANCES_MAXIMUM
        assert values["cpu_core_percent"] == {"0": 1.0}
        assert len(values["disk_total_bytes"]) == INSTANCES_MAXIMUM - 1
