"""The agent's page, as the server draws it."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from agents.models import Agent
from metrics.models import AgentState
from tests.dashboard.samples import store_run

PAGE = "/agents/web-1/"


class TestAgentPage:
    def test_asks_for_a_log_in(self, agent):
        response = Client().get(PAGE)

        assert response["Location"] == f"/login/?next={PAGE}"

    def test_is_not_found_for_an_unknown_agent(self, web):
        response = web.get("/agents/nobody/")

        assert response.status_code == 404
        assert b"Page not found" in response.content

    def test_shows_the_facts_and_the_state(self, web, agent):
        agent.os, agent.cpu_count, agent.cpu_model = "Debian 12", 8, "EPYC"
        agent.memory_total_bytes, agent.agent_version = 8 * 2**30, "1.0.0"
        agent.save()
        store_run(agent, count=1)

        html = web.get(PAGE).content.decode().replace("\u00a0", " ")

        assert "<title>web-1 (up) \u2013 taraSysDash</title>" in html
        for fact in ("Debian 12", "8 cores", "EPYC", "8 GiB", "232 d", "1.0.0", "0 s ago"):
            assert fact in html

    def test_can_be_read_without_scripts(self, web, agent):
        store_run(agent, count=1)

        html = web.get(PAGE).content.decode()

        assert "<noscript>" in html
        assert "<td>disk_percent</td><td><bdi>/var</bdi></td><td>91</td>" in html

    def test_tells_a_waiting_agent_what_to_do(self, web, agent):
        html = web.get(PAGE).content.decode()

        assert "Waiting for the first report" in html
        assert "gen_token --agent-id web-1" in html

    def test_takes_an_hour_for_a_range_that_is_none(self, web, agent):
        store_run(agent, count=1)
        Agent.objects.update(created_at=timezone.now() - timedelta(minutes=16))

        assert 'data-range="1h"' in web.get(PAGE, {"range": "9y"}).content.decode()
        assert 'data-range="24h"' in web.get(PAGE, {"range": "24h"}).content.decode()

    def test_of_a_new_agent_shows_a_quarter_of_an_hour(self, web, agent):
        store_run(agent, count=1)

        assert 'data-range="15m"' in web.get(PAGE).content.decode()
        assert 'data-range="1h"' in web.get(PAGE, {"range": "1h"}).content.decode()

    def test_says_that_a_clock_is_wrong(self, web, agent):
        store_run(agent, count=1)
        assert "clock" not in web.get(PAGE).content.decode()

        AgentState.objects.update(clock_skew_ms=-600_000)

        text = web.get(PAGE).content.decode().replace("\u00a0", " ")
        assert "clock is 10 min ahead of the server" in text
