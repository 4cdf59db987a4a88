"""What an agent's page says of its disks and its traffic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from agents.models import Agent
from dashboard.forecast import Disk, disks_of
from dashboard.outlook import zone_of
from dashboard.traffic import RECEIVED, SENT, month_since, traffic_of
from metrics.queries import latest
from tests import factories
from tests.dashboard.samples import store_run

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATH = "/agents/web-1/outlook.json"
GB = 1e9


def send(agent: Agent, at: datetime, **values: Any) -> None:
    """Store a sample that arrives when it was taken."""
    factories.store(agent, factories.sample(at.timestamp(), **values), received_at=at)


def watch_disk(agent: Agent, *, hours: int, free: Callable[[int], float]) -> Disk:
    """Store a sample an hour up to NOW, of the bytes free so many hours ago; return the disk."""
    agent.interval_seconds = 600
    for back in reversed(range(0, hours * 60 + 1, 10)):
        at = NOW - timedelta(minutes=back)
        send(agent, at, disk_free_bytes={"/": free(back)}, disk_percent={"/": 50.0})
    newest = latest(agent)
    assert newest is not None
    [disk] = disks_of(agent, newest, now=NOW)
    return disk


class TestDisks:
    def test_tell_when_a_disk_is_full_at_its_pace(self, agent):
        disk = watch_disk(agent, hours=30, free=lambda back: 9 * GB + back / 1440 * GB)

        assert disk.fate == "filling"
        assert disk.full_in_seconds == pytest.approx(9 * 86_400, rel=0.02)
        assert disk.bytes_per_day == pytest.approx(GB, rel=0.02)

    def test_look_at_the_last_day_where_that_ends_sooner(self, agent):
        def free(back: int) -> float:
            return 9 * GB + min(back, 1440) / 1440 * 3 * GB

        disk = watch_disk(agent, hours=60, free=free)

        assert (disk.fate, disk.days) == ("filling", 1)
        assert disk.full_in_seconds == pytest.approx(3 * 86_400, rel=0.05)

    def test_do_not_take_a_clean_up_each_hour_for_filling(self, agent):
        disk = watch_disk(agent, hours=30, free=lambda back: 9 * GB + back % 60 * 1e7)

        assert (disk.fate, disk.full_in_seconds) == ("steady", None)

    def test_that_become_emptier_are_not_filling(self, agent):
        assert watch_disk(agent, hours=30, free=lambda back: 9 * GB - back * 1e5).fate == "steady"

    def test_promise_nothing_far_beyond_what_is_known(self, agent):
        disk = watch_disk(agent, hours=30, free=lambda back: 900 * GB + back / 1440 * GB)

        assert (disk.fate, disk.full_in_seconds) == ("filling", None)
        assert disk.bytes_per_day == pytest.approx(GB, rel=0.02)

    def test_of_a_new_agent_are_not_guessed_at(self, agent):
        assert watch_disk(agent, hours=1, free=lambda back: back * GB).fate in {"full", "unknown"}

    def test_that_are_full_say_so(self, agent):
        assert watch_disk(agent, hours=3, free=lambda _: 0.0).fate == "full"

    def test_come_in_the_order_in_which_they_fill(self, agent):
        agent.interval_seconds = 600
        for back in reversed(range(0, 1800, 10)):
            free = {"/": 5 * GB, "/b": 9 * GB + back * 1e6, "/a": 2 * GB + back * 1e6, "/c": 0}
            send(agent, NOW - timedelta(minutes=back), disk_free_bytes=free)
        newest = latest(agent)
        assert newest is not None

        assert [disk.mount for disk in disks_of(agent, newest, now=NOW)] == ["/c", "/a", "/b", "/"]


class TestTraffic:
    def test_adds_up_what_was_carried_since_midnight_there(self, agent):
        agent.interval_seconds = 600
        for hours in range(36):
            for minutes in range(0, 60, 10):
                at = NOW - timedelta(hours=hours, minutes=minutes + 10)
                send(agent, at, **{RECEIVED: {"eth0": 1000.0}, SENT: {"eth0": 10.0}})

        traffic = traffic_of(agent, zone=ZoneInfo("Asia/Kathmandu"), now=NOW)

        # 12:00 in UTC is 17:45 there: the day has 17 hours and three quarters.
        [volumes] = [each.volumes for each in traffic.interfaces]
        assert volumes[0].received_bytes == pytest.approx(17.75 * 3_600_000, rel=0.01)
        assert volumes[0].sent_bytes == pytest.approx(17.75 * 36_000, rel=0.01)
        assert volumes[1].received_bytes == pytest.approx(36 * 3_600_000, rel=0.01)

    def test_counts_nothing_while_there_was_no_sample(self, agent):
        for hour in (1, 5):
            at = NOW - timedelta(hours=hour)
            send(agent, at, **{RECEIVED: {"eth0": 1000.0}})
        agent.interval_seconds = 900

        traffic = traffic_of(agent, zone=ZoneInfo("UTC"), now=NOW)

        assert traffic.interfaces[0].volumes[0].received_bytes == 2 * 900_000

    def test_has_a_billing_period_where_the_agent_has_one(self, agent):
        agent.billing_day = 15

        traffic = traffic_of(agent, zone=ZoneInfo("UTC"), now=NOW)

        assert [each.title for each in traffic.periods] == ["Today", "This month", "Since day 15"]
        assert traffic.periods[2].start == datetime(2026, 11, 15, tzinfo=UTC).timestamp()

    def test_lists_the_busiest_of_many(self, agent):
        at = NOW - timedelta(minutes=5)
        send(agent, at, **{RECEIVED: {f"veth{number}": float(number) for number in range(20)}})

        traffic = traffic_of(agent, zone=ZoneInfo("UTC"), now=NOW)

        assert [each.name for each in traffic.interfaces][:2] == ["veth19", "veth18"]
        assert (len(traffic.interfaces), traffic.left_out) == (8, 12)

    @pytest.mark.parametrize(
        ("day", "today", "since"),
        [
            (15, date(2026, 11, 25), date(2026, 11, 15)),
            (25, date(2026, 11, 25), date(2026, 11, 25)),
            (26, date(2026, 11, 25), date(2026, 10, 26)),
            (31, date(2026, 3, 1), date(2026, 2, 28)),
            (31, date(2026, 2, 28), date(2026, 2, 28)),
            (20, date(2026, 1, 5), date(2025, 12, 20)),
        ],
    )
    def test_starts_on_the_billing_day(self, day, today, since):
        assert month_since(day, today=today) == since


class TestOutlook:
    def test_answers_401_where_nobody_is_logged_in(self, agent):
        assert Client().get(PATH).status_code == 401

    def test_has_all_of_it(self, web, agent):
        end = store_run(agent, count=3)

        told = web.get(PATH, {"zone": "Europe/Paris"}).json()

        assert [disk["mount"] for disk in told["disks"]] == ["/", "/var"]
        assert {each["name"] for each in told["traffic"]["interfaces"]} == {"eth0", "eth1"}
        assert told["history"] == {
            "since": pytest.approx(end - 20, abs=0.01),
            "coverage_percent": 100.0,
        }

    def test_is_empty_for_an_agent_that_waits(self, web, agent):
        told = web.get(PATH).json()

        assert (told["disks"], told["traffic"]["interfaces"]) == ([], [])
        assert told["history"] is None

    @pytest.mark.parametrize(
        "name", ["Mars/Base", "../../etc/passwd", "\0", "x" * 5000, "Europe", ""]
    )
    def test_takes_a_zone_that_is_none_for_utc(self, name):
        assert zone_of(name).key == "UTC"
