"""The agent's page and the JSON behind its charts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent
from dashboard.ranges import POINTS, resume_of
from metrics.models import AgentState
from tests.dashboard.samples import FULL, store_run
from tests.factories import make_agent, sample, store

PAGE = "/agents/web-1/"
DATA = "/agents/web-1/data.json"


@pytest.fixture
def ask(web, agent):
    """A function that asks for the data of web-1."""

    def get(**parameters: Any) -> dict[str, Any]:
        return web.get(DATA, parameters).json()

    return get


def panel(reply: dict[str, Any], name: str) -> dict[str, Any]:
    return next(chart for chart in reply["charts"] if chart["name"] == name)


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


class TestAgentData:
    def test_answers_401_where_nobody_is_logged_in(self, agent):
        response = Client().get(DATA)

        assert response.status_code == 401
        assert response.json() == {"detail": "Log in first.", "login": "/login/"}

    def test_has_a_chart_for_each_family_the_agent_sends(self, agent, ask):
        store_run(agent, count=2)

        assert [chart["name"] for chart in ask()["charts"]] == [
            *("cpu", "load", "memory", "cpu-modes", "network", "disk-space", "disk-throughput"),
            *("temperature", "cpu-cores", "inodes", "processes", "custom-queue_length"),
        ]

    def test_has_the_value_that_was_sent_in_its_bucket(self, agent, ask):
        at = store_run(agent, count=1, cpu_percent=37.5)

        reply = ask()

        bucket = int((at - reply["first"]) // reply["step"])
        assert reply["step"] == 10
        assert reply["columns"]["cpu_percent|"]["mean"][bucket] == 37.5
        assert len(reply["columns"]["cpu_percent|"]["mean"]) == reply["count"]

    @pytest.mark.parametrize(
        ("metric", "sent", "drawn"),
        [
            ("cpu_percent", 37.46, 37.5),
            ("process_count", 12_345, 12_345),
            ("memory_used_bytes", 4_294_967_296, 4_295_000_000),
            ("cpu_steal_percent", 0.0333, 0.033),
        ],
    )
    def test_leaves_out_digits_that_nobody_reads(self, agent, ask, metric, sent, drawn):
        store_run(agent, count=1, **{metric: sent})

        assert drawn in ask()["columns"][f"{metric}|"]["mean"]

    def test_gives_networks_in_bits(self, agent, ask):
        store_run(agent, count=1, network_received_bytes_per_second={"eth0": 1000})

        reply = ask()

        assert panel(reply, "network")["format"] == "bit_rate"
        assert 8000 in reply["columns"]["network_received_bytes_per_second|eth0"]["mean"]

    def test_names_a_single_instance_once_and_several_each(self, agent, ask):
        store_run(agent, count=1)

        reply = ask()

        assert panel(reply, "disk-throughput")["instance"] == "sda"
        assert [line["label"] for line in panel(reply, "disk-throughput")["lines"]] == [
            "Read",
            "Written",
        ]
        assert [line["label"] for line in panel(reply, "network")["lines"]] == [
            *("eth0 received", "eth0 sent", "eth1 received", "eth1 sent"),
        ]

    def test_draws_six_lines_and_names_what_is_left_out(self, agent, ask):
        store_run(agent, count=1)

        reply = ask()

        assert [line["label"] for line in panel(reply, "cpu-cores")["lines"]] == [
            f"Core {core}" for core in range(2, 8)
        ]
        assert panel(reply, "cpu-cores")["left_out"] == ["cpu_core_percent|0", "cpu_core_percent|1"]
        assert "cpu_core_percent|0" not in reply["columns"]

    def test_sends_the_extremes_where_a_bucket_holds_several_samples(self, agent, ask):
        store_run(agent, count=4, cpu_percent=10.0)

        assert "minimum" not in ask(range="1h")["columns"]["cpu_percent|"]
        assert "minimum" in ask(range="24h")["columns"]["cpu_percent|"]

    def test_has_at_most_as_many_buckets_as_a_chart_gets(self, agent, ask):
        store_run(agent, count=1)

        assert [ask(range=name)["step"] for name in ("15m", "1h", "6h", "24h")] == [10, 10, 30, 120]
        assert all(ask(range=name)["count"] <= POINTS for name in ("15m", "1h", "6h", "24h"))

    def test_keeps_the_history_of_a_metric_that_stopped(self, agent, ask):
        store_run(agent, count=20, age_seconds=10, cpu_percent=1.0, gpu_percent=7.0)
        store_run(agent, count=1, cpu_percent=1.0)

        assert "custom-gpu_percent" in {chart["name"] for chart in ask(range="15m")["charts"]}

    @pytest.mark.parametrize("range_", ["15m", "1h", "6h", "24h"])
    def test_goes_on_in_the_same_buckets(self, agent, ask, range_):
        store_run(agent, count=30)
        whole = ask(range=range_)
        after = int(whole["first"] + (whole["count"] - 3) * whole["step"])

        rest = ask(range=range_, after=after, step=int(whole["step"]))

        assert (rest["first"], rest["step"], rest["charts"]) == (after, whole["step"], None)
        held = whole["columns"]["cpu_percent|"]["mean"][-3:]
        assert rest["columns"]["cpu_percent|"]["mean"][:3] == held

    def test_sends_the_whole_again_where_going_on_makes_no_sense(self, agent, ask):
        store_run(agent, count=1)

        for after, step in (("x", "10"), ("1", "0"), ("7", "10"), ("0", "10"), ("nan", "10")):
            assert ask(after=after, step=step)["charts"]

    def test_tells_how_the_agent_is(self, agent, ask):
        assert ask()["agent"]["status"] == "waiting"
        at = store_run(agent, count=1)

        assert ask()["agent"] == {
            "status": "up",
            "last_seen_at": pytest.approx(at, abs=1),
            "uptime_seconds": FULL["uptime_seconds"],
            "interval_seconds": 10,
        }

    def test_costs_eight_queries_whatever_is_drawn(self, agent, web):
        store_run(agent, count=60)
        web.get(DATA)
        with CaptureQueriesContext(connection) as queries:
            web.get(DATA)

        assert len(queries) == 8

    def test_is_compressed_and_never_kept(self, agent, web):
        store_run(agent, count=2)

        response = web.get(DATA, headers={"Accept-Encoding": "gzip"})

        assert response["Content-Encoding"] == "gzip"
        assert "no-store" in response["Cache-Control"]


class TestResume:
    def test_counts_the_bucket_at_hand(self):
        now = timezone.now()
        after = int(now.timestamp() // 10) * 10 - 20

        resume = resume_of(str(after), "10", now=now)

        assert resume is not None
        assert resume.count(now) == 3


def test_another_agents_samples_stay_its_own(web, agent):
    store(make_agent("web-2"), sample(timezone.now().timestamp(), cpu_percent=99))

    assert web.get(DATA).json()["columns"] == {}
