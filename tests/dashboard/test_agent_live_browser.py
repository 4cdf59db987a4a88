"""The agent's page over time: polls, failures, an ended session, a laptop that slept."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.dashboard.agent_page import PAGE, legend, poll
from tests.dashboard.samples import FULL, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser
REFUSED = "the server responded with a status of 401 (Unauthorized)"


class TestLiveCharts:
    def test_take_only_what_is_new(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        store_run(reporting, count=1, age_seconds=-10, **{**FULL, "cpu_percent": 93.0})

        told = poll(page)

        assert told["charts"] is None
        assert told["count"] <= 5

    def test_show_a_new_sample(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "load")).to_contain_text("1.50")
        store_run(reporting, count=1, **{**FULL, "load_1m": 9.25})

        poll(page)

        expect(legend(page, "load")).to_contain_text(re.compile(r"5\.38|9\.25"))

    def test_draw_a_metric_that_the_agent_begins_to_send(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        store_run(
            reporting,
            count=1,
            **{**FULL, "swap_total_bytes": 2**30, "swap_used_bytes": 2**29, "jobs": 5},
        )

        poll(page)

        expect(page.locator("#chart-custom-jobs")).to_be_visible()

    def test_appear_by_themselves_with_the_first_sample(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1")
        page = open_page(PAGE, user=viewer)
        expect(page.get_by_role("heading", name="Waiting for the first report")).to_be_visible()
        store_run(agent, count=1)

        # No push: the first poll may be under way, and then only the next one brings it.
        expect(legend(page, "cpu")).to_contain_text("42 %", timeout=9000)

    def test_wait_in_peace_for_an_agent_that_was_paused_early(
        self, open_page, viewer, transactional_db
    ):
        make_agent("web-1", enabled=False)
        page = open_page(PAGE, user=viewer)
        page.evaluate("window.isTheSame = true")

        poll(page)
        page.wait_for_timeout(300)

        assert page.evaluate("window.isTheSame")

    def test_stop_and_say_so_when_the_session_ends(self, open_page, viewer, reporting, told):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        Session.objects.all().delete()

        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page.locator("#signed-out")).to_contain_text("You are signed out")
        expect(page.locator("#live")).to_have_text(re.compile("Signed out"))
        assert [text.split(": ")[-1] for text in told] == [REFUSED]
        told.clear()

    def test_back_off_while_the_server_fails(self, open_page, viewer, reporting, told):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.clock.install()
        asked: list[str] = []
        page.route("**/data.json*", lambda route: (asked.append(route.request.url), route.abort()))
        page.evaluate("window.dispatchEvent(new Event('online'))")
        for _ in range(40):
            page.clock.run_for(1000)

        assert 2 <= len(asked) <= 4
        told.clear()

    def test_ask_nothing_while_nobody_looks(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.clock.install()
        page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(30_000)

        assert asked == []
