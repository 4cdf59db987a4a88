"""The newest live values of all agents, as columns."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics import layouts
from metrics.newest import Fold, Folded, newest_of_all
from tests.factories import make_agent, sample, store

CPU = Folded("cpu_percent", Fold.HIGHEST)
FULLEST = Folded("disk_percent", Fold.HIGHEST)
RECEIVED = Folded("network_received_bytes_per_second", Fold.TOTAL)
NOW = time.time()
AT = datetime.fromtimestamp(NOW, tz=UTC)

pytestmark = pytest.mark.django_db


def told(*wanted: Folded) -> dict[int, list[float | None]]:
    newest = newest_of_all(wanted, now=AT)
    columns = [newest.columns[each] for each in wanted]
    return {
        agent: [column[place] for column in columns] for place, agent in enumerate(newest.agents)
    }


class TestNewestOfAll:
    def test_folds_instances_into_one_number(self):
        agent = make_agent("web-1")
        disks, traffic = {"/": 61.0, "/var": 91.0}, {"eth0": 100.0, "eth1": 25.0}
        at = sample(NOW, disk_percent=disks, network_received_bytes_per_second=traffic)
        store(agent, at)

        assert told(FULLEST, RECEIVED) == {agent.pk: [91.0, 125.0]}

    def test_has_no_number_for_what_an_agent_does_not_send(self):
        first, second = make_agent("one"), make_agent("two")
        store(first, sample(NOW, cpu_percent=7.5))
        store(second, sample(NOW, disk_percent={"/": 50.0}))

        assert told(CPU, FULLEST) == {first.pk: [7.5, None], second.pk: [None, 50.0]}

    def test_has_no_number_of_an_agent_that_only_sent_old_samples(self):
        agent = make_agent("web-1")
        store(agent, sample(NOW - 3600), received_at=AT)

        assert told(CPU) == {agent.pk: [None]}

    def test_leaves_out_an_agent_that_was_never_heard_of(self):
        make_agent("silent")

        assert told(CPU) == {}

    def test_takes_the_largest_numbers_there_are(self):
        agent = make_agent("web-1")
        traffic = {f"eth{number}": 1e18 for number in range(500)}
        store(agent, sample(NOW, network_received_bytes_per_second=traffic))

        assert told(RECEIVED) == {agent.pk: [5e20]}

    def test_costs_two_queries_however_many_agents(self):
        for number in range(20):
            store(make_agent(f"web-{number}"), sample(NOW, disk_percent={f"/{number}": 1.0}))
        layouts.forget()

        with CaptureQueriesContext(connection) as queries:
            newest_of_all([CPU, FULLEST], now=AT)

        assert len(queries) == 2

    def test_has_the_last_hour_of_cpu_of_each(self):
        busy, idle = make_agent("busy"), make_agent("idle")
        store(busy, sample(NOW - 120, cpu_percent=40.0))
        store(busy, sample(NOW, cpu_percent=80.0))
        store(idle, sample(NOW, disk_percent={"/": 50.0}))

        newest = newest_of_all([CPU], now=AT)

        hours = dict(zip(newest.agents, newest.cpu_percent_hour.tolist(), strict=True))
        assert hours[busy.pk][-3:] == pytest.approx([40.0, math.nan, 80.0], nan_ok=True)
        assert all(math.isnan(value) for value in hours[idle.pk])
