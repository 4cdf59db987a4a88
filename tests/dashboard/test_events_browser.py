"""Events in Chromium: the list follows the stretch that is shown, and the charts have marks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.samples import store_run
from tests.dashboard.test_events import happened
from tests.factories import make_agent

pytestmark = pytest.mark.browser

CANVAS = "#chart-cpu canvas"


@pytest.fixture
def page(open_page, admin, transactional_db) -> Page:
    agent = make_agent("web-1")
    store_run(agent, count=300)
    happened(agent, ago=timedelta(minutes=5), before="6.1", after="6.2")
    happened(agent, ago=timedelta(minutes=40), before="6.0", after="6.1")
    page = open_page("/agents/web-1/?range=15m", user=admin)
    page.wait_for_selector(CANVAS)
    return page


class TestEvents:
    def test_follow_the_range(self, page):
        timeline = page.locator(".timeline")
        expect(timeline).to_contain_text("Kernel 6.1 → 6.2")
        expect(timeline).not_to_contain_text("Kernel 6.0 → 6.1")

        page.locator("nav[aria-label=Range] a", has_text="1h").click()

        expect(timeline).to_contain_text("Kernel 6.0 → 6.1")
        expect(timeline.locator("time").first).not_to_contain_text("UTC")

    def test_are_marked_on_the_charts(self, page):
        marked = page.evaluate(
            """async () => {
              const { setMarks } = await import("/static/dashboard/js/marks.js");
              const redraw = () => document.dispatchEvent(new CustomEvent("tara:theme"));
              const settle = () => new Promise((done) => setTimeout(done, 200));
              const shot = () => document.querySelector("#chart-cpu canvas").toDataURL();
              redraw(); await settle();
              const marked = shot();
              setMarks([]); redraw(); await settle();
              return [marked, shot()];
            }"""
        )

        assert marked[0] != marked[1]
