"""What stands beside the charts of an agent's page: disks, processes, traffic."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agents.models import Agent
from tests.dashboard.agent_page import PAGE, poll
from tests.dashboard.samples import FULL
from tests.factories import make_agent, sample, store

pytestmark = pytest.mark.browser
GIB = 2**30


def process(pid: int, name: str, percent: float, memory: int) -> dict[str, Any]:
    return {"pid": pid, "name": name, "cpu_percent": percent, "memory_bytes": memory}


def report(agent: Agent, *processes: dict[str, Any], age_seconds: float = 0, **values: Any) -> None:
    """Store a sample with these processes."""
    at = timezone.now().timestamp() - age_seconds
    carried = {**sample(at, **{**FULL, **values}), "processes": list(processes)}
    store(agent, carried, received_at=datetime.fromtimestamp(at, tz=UTC))


@pytest.fixture
def busy(transactional_db):
    """An agent that told its processes."""
    agent = make_agent("web-1")
    report(agent, process(7, "postgres", 31.5, GIB), process(9, "java", 2.5, 3 * GIB))
    return agent


class TestProcesses:
    def test_stand_in_the_order_asked_for(self, open_page, viewer, busy):
        page = open_page(PAGE, user=viewer)
        rows = page.locator("#processes tbody tr")
        expect(rows).to_have_text([re.compile(r"postgres.*32.%.*1.GiB"), re.compile("java")])

        page.locator("#processes").get_by_role("button", name="Memory").click()

        expect(rows).to_have_text([re.compile("java"), re.compile("postgres")])
        expect(page.locator("#processes [aria-sort]")).to_have_text("Memory")
        expect(page.locator("#processes .now-note")).to_have_text(re.compile(r"Seen \d+.s ago"))

    def test_are_those_of_the_newest_report(self, open_page, viewer, busy):
        page = open_page(PAGE, user=viewer)
        expect(page.locator("#charts-step")).to_contain_text("one sample")
        report(busy, process(11, "<b>nginx</b>", 5, GIB), age_seconds=-1)

        poll(page)

        expect(page.locator("#processes tbody tr")).to_have_text(re.compile("<b>nginx</b>"))

    def test_say_so_where_there_are_none(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator("#processes")).to_contain_text("This agent has sent no processes yet.")


class TestDisks:
    def test_say_when_they_will_be_full(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1", interval_seconds=600)
        for back in reversed(range(30 * 6)):
            free = {"/": 5e9 + back * 1e9 / 144, "/var": 22e9}
            report(agent, age_seconds=600 * back, disk_free_bytes=free)
        page = open_page(PAGE, user=viewer)

        rows = page.locator("#disks tbody tr")
        expect(rows.nth(0)).to_contain_text(re.compile("^/.*Full in about [45].d1.*GB a day over"))
        expect(rows.nth(1)).to_contain_text("Not filling")


class TestTraffic:
    def test_is_added_up_in_the_persons_zone(self, open_page, viewer, reporting):
        asked: list[str] = []
        page = open_page("/", user=viewer)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(PAGE)

        expect(page.locator("#traffic")).to_contain_text(re.compile("eth0.*in.*out", re.DOTALL))
        assert any("outlook.json?zone=Europe%2FParis" in url for url in asked)


class TestHistory:
    def test_is_told_with_its_start(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator("#history")).to_contain_text(
            re.compile(r"reaches back to \d+ \w+ 20\d\d.*100.% of the samples")
        )
