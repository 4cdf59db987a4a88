"""Queries: series in buckets, latest values and the fleet, against plain reference results."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from agents.status import AgentStatus
from metrics import queries
from metrics.names import SeriesKey
from tests import factories

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CPU = SeriesKey("cpu_percent", "")


def at(seconds: float) -> float:
    return T0.timestamp() + seconds


def listed(column) -> list[float | None]:
    """Return a column with None for gaps."""
    return [None if math.isnan(value) else value for value in column.tolist()]


class TestSeries:
    def read(self, agent, *metrics, minutes=10, points=600, start=T0):
        end = start + timedelta(minutes=minutes)
        return queries.series(agent, metrics, start=start, end=end, points=points)

    def test_gives_back_what_was_sent(self, agent):
        factories.store(agent, factories.sample(at(0), cpu_percent=1.5))
        factories.store(agent, factories.sample(at(10), cpu_percent=2.5))

        page = self.read(agent, "cpu_percent")

        assert page.step_seconds == 10
        assert page.times[:2] == [at(0), at(10)]
        assert listed(page.series[CPU].mean[:3]) == [1.5, 2.5, None]

    def test_keeps_minimum_mean_and_maximum_of_a_bucket(self, agent):
        for second, value in ((0, 1.0), (20, 9.0), (40, 2.0), (60, 5.0)):
            factories.store(agent, factories.sample(at(second), cpu_percent=value))

        series = self.read(agent, "cpu_percent", points=11).series[CPU]

        assert (series.minimum[0], series.mean[0], series.maximum[0]) == (1.0, 4.0, 9.0)
        assert series.mean[1] == 5.0

    def test_draws_a_gap_as_none(self, agent):
        for second in (0, 10, 40):
            factories.store(agent, factories.sample(at(second), cpu_percent=1.0))

        assert listed(self.read(agent, "cpu_percent").series[CPU].mean[:5]) == [1, 1, None, None, 1]

    def test_has_buckets_as_long_as_samples_lie_apart(self, agent):
        """A script that posts once a minute under an agent of 10 s is a line, not dots in gaps."""
        for minute in range(10):
            factories.store(agent, factories.sample(at(60 * minute + minute / 7), cpu_percent=5.0))

        page = self.read(agent, "cpu_percent")

        assert page.step_seconds == 60
        assert page.spacing_seconds == pytest.approx(60, abs=1)
        assert listed(page.series[CPU].mean) == [5.0] * 10

    def test_has_whole_buckets_at_its_edges_too(self, agent):
        for minute in range(10):
            factories.store(agent, factories.sample(at(60 * minute + 5), cpu_percent=5.0))

        page = self.read(agent, "cpu_percent", start=T0 + timedelta(seconds=30), minutes=5)

        assert page.times[0] == at(0)
        assert listed(page.series[CPU].mean) == [5.0] * 6

    def test_of_all_metrics_is_what_there_is(self, agent):
        factories.store(agent, factories.sample(at(0), cpu_percent=1.0, disk_percent={"/": 2.0}))

        end = T0 + timedelta(minutes=1)
        page = queries.series(agent, None, start=T0, end=end, points=10)

        assert set(page.series) == {CPU, SeriesKey("disk_percent", "/")}

    def test_has_no_entry_for_what_the_agent_does_not_send(self, agent):
        factories.store(agent, factories.sample(at(0), cpu_percent=1.0))

        assert list(self.read(agent, "cpu_percent", "load_1m").series) == [CPU]

    def test_knows_instances_apart(self, agent):
        factories.store(agent, factories.sample(at(0), disk_percent={"/": 1.0, "/var": 2.0}))

        page = self.read(agent, "disk_percent")

        assert {key.instance: series.mean[0] for key, series in page.series.items()} == {
            "/": 1.0,
            "/var": 2.0,
        }

    def test_follows_mounts_that_come_and_go(self, agent):
        factories.store(agent, factories.sample(at(0), disk_percent={"/": 1.0}))
        factories.store(agent, factories.sample(at(10), disk_percent={"/": 2.0, "/mnt": 7.0}))
        factories.store(agent, factories.sample(at(20), disk_percent={"/": 3.0}))

        page = self.read(agent, "disk_percent")

        assert listed(page.series[SeriesKey("disk_percent", "/")].mean[:3]) == [1.0, 2.0, 3.0]
        assert listed(page.series[SeriesKey("disk_percent", "/mnt")].mean[:3]) == [None, 7.0, None]

    def test_reads_no_other_agent_and_nothing_outside_the_range(self, agent):
        other = factories.make_agent("other")
        factories.store(other, factories.sample(at(10), cpu_percent=9.0))
        for second in (-10, 600):
            factories.store(agent, factories.sample(at(second), cpu_percent=9.0))

        assert not self.read(agent, "cpu_percent").series

    def test_takes_five_queries_whatever_is_asked(self, agent, django_assert_max_num_queries):
        for second in range(0, 600, 10):
            factories.store(agent, factories.sample(at(second), a=1.0, b={"x": 1.0, "y": 2.0}))

        with django_assert_max_num_queries(5):
            self.read(agent, "a", "b")

    @pytest.mark.parametrize("minutes", [15, 60, 360, 1440, 43_200])
    def test_never_gives_more_points_than_asked(self, agent, minutes):
        page = self.read(agent, "cpu_percent", minutes=minutes, points=400, start=T0)

        assert 1 <= len(page.times) <= 400

    def test_equals_a_reference_for_any_order_of_arrival(self, agent):
        rng = random.Random(7)
        sent = {at(second): round(rng.uniform(0, 100), 1) for second in range(0, 600, 7)}
        order = list(sent)
        rng.shuffle(order)
        late = T0 + timedelta(minutes=11)
        while order:
            count = rng.randint(1, 5)
            batch, order = order[:count], order[count:]
            samples = [factories.sample(moment, cpu_percent=sent[moment]) for moment in batch]
            factories.store(agent, *samples, received_at=late)

        page = self.read(agent, "cpu_percent", points=21)

        for index, start in enumerate(page.times):
            inside = [v for t, v in sent.items() if start <= t < start + page.step_seconds]
            series = page.series[CPU]
            assert listed(series.minimum)[index] == (min(inside) if inside else None)
            assert listed(series.maximum)[index] == (max(inside) if inside else None)
            if inside:
                assert series.mean[index] == pytest.approx(sum(inside) / len(inside))


class TestFleet:
    def test_tells_how_each_agent_is_doing(self):
        up, down, paused, waiting = (factories.make_agent(name) for name in "abcd")
        factories.store(up, factories.sample(at(0)))
        factories.store(down, factories.sample(at(-3600)))
        paused.enabled = False
        paused.save()

        rows = queries.fleet([up, down, paused, waiting], now=T0)

        assert [row.standing.status for row in rows] == [
            AgentStatus.UP,
            AgentStatus.DOWN,
            AgentStatus.PAUSED,
            AgentStatus.WAITING,
        ]
        assert rows[0].standing.last_seen_at == T0
        assert rows[3].standing.last_seen_at is None

    def test_counts_an_agent_as_down_after_three_intervals_but_not_before_90_s(self, agent):
        factories.store(agent, factories.sample(at(0)))

        states = [
            queries.standing(agent, now=T0 + timedelta(seconds=seconds)).status
            for seconds in (89, 90)
        ]

        assert states == [AgentStatus.UP, AgentStatus.DOWN]

    def test_has_a_value_a_minute_of_the_last_hour(self, agent):
        for minute in range(60):
            sample = factories.sample(at(-60 * minute), cpu_percent=float(minute))
            factories.store(agent, sample, received_at=T0)

        hour = queries.fleet([agent], now=T0 + timedelta(seconds=1))[0].cpu_percent_hour

        assert len(hour) == 61
        assert hour[-1] == 0.0
        assert hour[-2] == 1.0

    def test_takes_the_same_queries_for_any_number_of_agents(self, django_assert_num_queries):
        agents = [factories.make_agent(f"web-{number}") for number in range(20)]
        for each in agents:
            factories.store(each, factories.sample(at(0)))
        queries.fleet(agents, now=T0)

        for some in (agents[:2], agents):
            with django_assert_num_queries(1):
                queries.fleet(some, now=T0)
