"""Live mode: an agent that is watched is asked for more samples, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.watching import LEASE, interval_seconds, watch
from tests.factories import sample

NOW = timezone.now()
WATCH = "/agents/web-1/watch/"


def asked(agent_api, *, later: int = 0) -> int:
    """Send a sample; return how many seconds apart the server wants them.

    What is not later than all before it is looked for among those, which costs queries.
    """
    response = agent_api.send(sample(timezone.now().timestamp() + later))
    interval: int = response.json()["next"]["interval_seconds"]
    return interval


class TestInterval:
    @pytest.mark.parametrize(
        ("configured", "left", "wanted"),
        [(10, None, 10), (10, 60, 2), (10, 0, 10), (10, -1, 10), (1, 60, 1), (900, 60, 2)],
    )
    def test_is_short_while_somebody_watches(self, configured, left, wanted):
        until = None if left is None else NOW + timedelta(seconds=left)

        assert interval_seconds(configured, watched_until=until, now=NOW) == wanted


class TestWatch:
    def test_reaches_the_agent_with_its_next_answer(self, agent_api):
        assert asked(agent_api) == 10

        watch(agent_api.agent, now=timezone.now())

        assert asked(agent_api) == 2

    def test_ends_by_itself(self, agent_api):
        watch(agent_api.agent, now=timezone.now())
        assert asked(agent_api) == 2

        with time_machine.travel(timezone.now() + LEASE):
            assert asked(agent_api) == 10

    def test_is_written_once_a_minute_however_many_look(self, agent):
        watch(agent, now=NOW)
        watch(agent, now=NOW + timedelta(seconds=30))
        agent.refresh_from_db()
        assert agent.watched_until == NOW + LEASE

        watch(agent, now=NOW + timedelta(seconds=61))

        agent.refresh_from_db()
        assert agent.watched_until == NOW + timedelta(seconds=61) + LEASE

    def test_costs_an_agents_request_nothing(self, agent_api):
        counts = []
        for turn in (0, 2):
            asked(agent_api, later=turn)
            with CaptureQueriesContext(connection) as queries:
                asked(agent_api, later=turn + 1)
            counts.append(len(queries))
            watch(agent_api.agent, now=timezone.now())

        assert counts[0] == counts[1]


class TestDoor:
    def test_is_open_to_who_may_see_the_page(self, web, agent):
        response = web.post(WATCH)

        agent.refresh_from_db()
        assert response.json() == {
            "until": pytest.approx(agent.watched_until.timestamp()),
            "interval_seconds": 10,
        }

    def test_is_closed_to_others(self, agent):
        assert Client().post(WATCH).status_code == 401
        agent.refresh_from_db()
        assert agent.watched_until is None

    def test_wants_the_pages_own_token(self, viewer, agent):
        client = Client(enforce_csrf_checks=True)
        client.force_login(viewer)

        assert client.post(WATCH).status_code == 403

    def test_takes_a_post_only(self, web, agent):
        assert web.get(WATCH).status_code == 405

    def test_knows_its_agents(self, web):
        assert web.post("/agents/nobody/watch/").status_code == 404
