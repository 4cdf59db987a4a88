"""The agent's page over time: polls, failures, an ended session, a laptop that slept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Route, expect

from agents.models import Agent
from tests.dashboard.agent_page import PAGE, drawn_pixels, legend, poll
from tests.dashboard.samples import FULL, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NOTE_STEPS = """() => {
  const step = document.getElementById("charts-step");
  window.steps = [];
  const note = () => window.steps.push(step.textContent);
  new MutationObserver(note).observe(step, { childList: true });
}"""
REFUSED = "the server responded with a status of 401 (Unauthorized)"


class TestLiveCharts:
    def test_take_only_what_is_new(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        store_run(reporting, count=1, age_seconds=-10, **{**FULL, "cpu_percent": 93.0})

        told = poll(page)

        assert told["charts"] is None
        assert told["count"] <= 5

    def test_ask_for_the_whole_where_names_are_too_long_for_an_address(
        self, open_page, viewer, transactional_db
    ):
        agent = make_agent("web-1")
        long = {f"{number}-{'ö' * 240}": float(number) for number in range(8)}
        store_run(agent, count=3, **{f"queue_{number}": long for number in range(9)})
        page = open_page(PAGE, user=viewer)
        expect(page.locator("#charts-step")).to_contain_text("one sample")

        assert len(poll(page)["charts"]) == 9

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
        page.evaluate(HIDE)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(30_000)

        assert asked == []


class TestLiveMode:
    def test_asks_the_agent_for_more_and_ends_with_the_button(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=1h", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")

        page.get_by_role("button", name="Watch live").click()

        expect(page.locator("#charts-step")).to_contain_text("as they come")
        expect(page).to_have_url(re.compile("range=live$"))
        expect(page.locator("#live")).to_have_text(re.compile("Live, every 2 s"))
        expect(page.get_by_role("button", name="Watch live")).to_have_attribute(
            "aria-pressed", "true"
        )
        reporting.refresh_from_db()
        assert reporting.watched_until > timezone.now()
        page.get_by_role("button", name="Watch live").click()
        expect(page).to_have_url(re.compile("range=1h$"))
        expect(page.locator("#live")).to_have_text(re.compile("Live, every 5 s"))

    def test_draws_across_the_seconds_between_slow_samples(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=live", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")

        # Four of five buckets are empty. Shaded as gaps, they would fill the chart.
        assert drawn_pixels(page, "cpu", "--t-raised") < 1000
        assert drawn_pixels(page, "load", "--t-c1") > 100

    def test_ends_by_itself(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=live", user=viewer)
        expect(page.get_by_role("button", name="Watch live")).to_have_attribute(
            "aria-pressed", "true"
        )
        page.clock.install()
        page.reload()
        expect(legend(page, "cpu")).to_contain_text("42 %")

        page.clock.fast_forward("11:00")

        expect(page.locator("#live-state")).to_contain_text("ended by itself after 10 minutes")
        expect(page).not_to_have_url(re.compile("range=live"))

    def test_is_not_renewed_while_nobody_looks(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=live", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.clock.install()
        page.reload()
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.evaluate(HIDE)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        page.clock.run_for(100_000)

        assert asked == []

    def test_says_when_a_slow_agent_will_follow(self, open_page, viewer, reporting):
        Agent.objects.update(interval_seconds=900)
        page = open_page(f"{PAGE}?range=live", user=viewer)

        expect(page.locator("#live-state")).to_have_text(
            "This agent reports every 15\u00a0min, and every 2 s from its next report on."
        )


class TestHonesty:
    """Nothing is lost or drawn twice, whatever comes between."""

    def test_of_polls_that_overlap(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=15m", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        held: list[Route] = []
        # Playwright looks into what it calls, and a method of a list has nothing inside.
        page.route("**/data.json?range=6h*", lambda route: held.append(route))  # noqa: PLW0108
        page.evaluate(NOTE_STEPS)
        with page.expect_request(re.compile("range=6h")):
            page.get_by_role("link", name="6h").click()
        page.get_by_role("link", name="24h").click()

        held[0].continue_()

        expect(page.locator("#charts-step")).to_contain_text("of 3\u00a0min")
        assert [text for text in page.evaluate("window.steps") if "of 1\u00a0min" in text] == []
        assert page.locator("#chart-cpu").count() == 1

    def test_of_a_server_that_does_not_answer_for_a_while(self, open_page, viewer, reporting, told):
        page = open_page(f"{PAGE}?range=15m", user=viewer)
        expect(legend(page, "load")).to_contain_text("1.50")
        page.route("**/data.json*", lambda route: route.abort())
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_timeout(200)
        store_run(reporting, count=1, age_seconds=-10, **{**FULL, "load_1m": 9.0})
        page.unroute("**/data.json*")

        poll(page)

        page.get_by_role("button", name="Load average as a table").click()
        rows = page.locator("#chart-load tbody th")
        expect(page.locator("#chart-load tbody")).to_contain_text("9")
        texts = rows.all_text_contents()
        assert len(texts) == len(set(texts))
        told.clear()

    def test_of_a_laptop_that_slept(self, open_page, viewer, reporting):
        page = open_page("/login/", user=viewer)
        page.clock.install()
        page.goto(f"{PAGE}?range=15m")
        page.get_by_role("button", name="CPU as a table").click()
        times = page.locator("#chart-cpu tbody th")
        expect(times).to_have_count(60)

        with time_machine.travel(timezone.now() + timedelta(hours=8)):
            store_run(reporting, count=30)
            page.clock.fast_forward("08:00:00")

            expect(times).to_have_count(30, timeout=15_000)
            assert len(set(times.all_text_contents())) == 30

    def test_of_what_was_missed_while_it_slept(self, open_page, viewer, reporting):
        page = open_page("/login/", user=viewer)
        page.clock.install()
        page.goto(f"{PAGE}?range=24h")
        expect(page.locator("#charts-step")).to_contain_text("of 3\u00a0min")
        expect(page.locator("#gaps li")).to_have_count(1)

        with time_machine.travel(timezone.now() + timedelta(hours=8)):
            store_run(reporting, count=30)
            page.clock.fast_forward("08:00:00")

            # What is before the first sample, and what nobody sent.
            expect(page.locator("#gaps li")).to_have_count(2, timeout=15_000)
            expect(page.locator("#gaps")).to_contain_text("(7\u00a0h)")

    def test_of_a_session_that_ended_offers_the_way_back(self, open_page, viewer, reporting, told):
        page = open_page(f"{PAGE}?range=1h", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        Session.objects.all().delete()

        page.get_by_role("link", name="24h").click()

        link = page.get_by_role("link", name="Log in again")
        expect(link).to_be_visible()
        expect(link).to_have_attribute(
            "href", re.compile(r"\?next=%2Fagents%2Fweb-1%2F%3Frange%3D24h$")
        )
        told.clear()
