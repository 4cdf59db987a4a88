"""The soak: what it asks for as open dashboards do, and how its figures add up."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil
import pytest

from benchmarks import soak
from benchmarks.bodies import Sender
from benchmarks.processes import Running


@dataclass
class Site:
    """As much of a site as dashboards ask for."""

    senders: list[Sender]

    def session_cookie(self) -> str:
        return "session=x"


@pytest.fixture
def parts() -> list[soak.Watched]:
    me = Running(0, psutil.Process(os.getpid()))
    return [soak.Watched("web", me, [10_000_000, 60_000_000]), soak.Watched("worker", me, [5, 6])]


class TestDashboards:
    def test_poll_every_five_seconds_each_in_its_turn(self):
        site = Site([Sender(f"a{number}", "") for number in range(200)])

        lines = [list(line) for line in soak.dashboards(site, seconds=20)]

        assert len(lines) == 20
        due = sorted(shot.due_at for line in lines for shot in line)
        assert due == pytest.approx([0.25 * number for number in range(80)])
        assert sum(b"GET / " in line[0].data for line in lines) == 10

    def test_ask_for_all_once_and_then_for_what_is_new(self):
        site = Site([Sender(f"a{number}", "") for number in range(200)])

        first, second, *_ = next(iter(soak.dashboards(site, seconds=20)))

        assert b"after=" not in first.data
        assert b"&after=" in second.data


class TestFigures:
    def test_are_of_the_end_and_of_the_most(self, parts):
        rows = [part.figures(10.0) for part in parts]
        together = soak.together(parts, rows)

        assert (rows[0]["pss_mb"], rows[0]["pss_mb_at_most"]) == (60.0, 60.0)
        assert together["pss_mb"] == 60.0
        assert together["processes"] == rows[0]["processes"] + rows[1]["processes"]

    def test_of_nothing_read_yet_are_none(self, parts):
        parts[0].bytes_seen.clear()

        assert parts[0].figures(10.0)["pss_mb"] is None
        assert soak.together(parts, [part.figures(1.0) for part in parts])["pss_mb"] is None
