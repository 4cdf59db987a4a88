"""The JSON behind the charts of an agent's page."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.ranges import POINTS, RANGES, resume_of
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

    def test_names_the_group_of_each_chart(self, agent, ask):
        store_run(agent, count=2)

        reply = ask()

        assert panel(reply, "cpu-cores")["group"] == "processor"
        assert {chart["group"] for chart in reply["charts"]} <= set(reply["groups"])

    def test_has_numbers_only_for_the_groups_that_are_open(self, agent, ask):
        store_run(agent, count=2)

        reply = ask(open="disks")

        assert list(reply["columns"]) == ["disk_inodes_percent|/", "disk_inodes_percent|/var"]
        assert panel(reply, "cpu")["lines"] == []

    def test_shows_no_swap_of_a_machine_without_any(self, agent, ask):
        store_run(agent, count=30)
        whole = ask(range="15m")
        after = int(whole["first"] + (whole["count"] - 3) * whole["step"])

        rest = ask(range="15m", after=after, step=10)

        assert "swap_used_bytes|" not in whole["columns"]
        assert "swap_used_bytes|" not in rest["columns"]

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

    def test_sends_the_extremes_where_a_bucket_holds_several_samples(self, agent, ask):
        store_run(agent, count=4, cpu_percent=10.0)

        assert "minimum" not in ask(range="1h")["columns"]["cpu_percent|"]
        assert "minimum" in ask(range="24h")["columns"]["cpu_percent|"]

    def test_has_at_most_as_many_buckets_as_a_chart_gets(self, agent, ask):
        store_run(agent, count=1)

        replies = [ask(range=name) for name in RANGES]

        assert [reply["step"] for reply in replies] == [
            *(10, 10, 60, 180),
            *(1800, 7200, 21_600, 86_400),
        ]
        assert all(reply["count"] <= POINTS for reply in replies)

    def test_keeps_the_history_of_a_metric_that_stopped(self, agent, ask):
        store_run(agent, count=20, age_seconds=10, cpu_percent=1.0, queue_length=7.0)
        store_run(agent, count=1, cpu_percent=1.0)

        assert "custom-queue_length" in {chart["name"] for chart in ask(range="15m")["charts"]}

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
            "processes": [],
            "processes_at": None,
        }

    def test_costs_eight_queries_whatever_is_drawn(self, agent, web):
        store_run(agent, count=60)
        web.get(DATA)
        with CaptureQueriesContext(connection) as queries:
            web.get(DATA)

        assert len(queries) == 8

    @pytest.mark.parametrize(
        ("taken", "unpack"), [("gzip, br", brotli.decompress), ("gzip", gzip.decompress)]
    )
    @pytest.mark.parametrize("path", [PAGE, DATA])
    def test_is_compressed_and_never_kept(self, agent, web, path, taken, unpack):
        store_run(agent, count=2)
        plain = web.get(path)

        response = web.get(path, headers={"Accept-Encoding": taken})

        assert unpack(response.content)[:40] == plain.content[:40]
        assert len(response.content) < len(plain.content) / 2
        assert "Accept-Encoding" in response["Vary"]
        assert "no-store" in response["Cache-Control"]

    def test_a_short_answer_is_left_as_it_is(self, agent):
        refused = Client().get(DATA, headers={"Accept-Encoding": "gzip, br"})

        assert "Content-Encoding" not in refused
        assert refused.json()["detail"] == "Log in first."


class TestResume:
    def test_counts_the_bucket_at_hand(self):
        now = timezone.now()
        after = int(now.timestamp() // 10) * 10 - 20

        resume = resume_of(str(after), "10", end=now)

        assert resume is not None
        assert resume.count(now) == 3


def test_another_agents_samples_stay_its_own(web, agent):
    store(make_agent("web-2"), sample(timezone.now().timestamp(), cpu_percent=99))

    assert web.get(DATA).json()["columns"] == {}
