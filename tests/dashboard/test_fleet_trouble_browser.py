"""The fleet in Chromium when polls overlap, servers stop and laptops sleep."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from dashboard.fleet import fragment
from tests.dashboard.fleet_page import ROWS, WAKE, hold, poll
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


class TestWhatGoesWrong:
    """Nothing is lost or drawn twice, whatever comes between a page and its server."""

    def test_asks_once_however_often_it_is_woken(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        held = hold(page, lambda url: url.endswith("/"))
        page.evaluate(f"{WAKE}; {WAKE}; {WAKE}")
        page.wait_for_timeout(300)

        assert len(held) == 1
        held[0].continue_()

    def test_an_old_poll_does_not_undo_a_filter(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        held = hold(page, lambda url: url.endswith("/"))
        page.evaluate(WAKE)
        page.locator("#filter-q").fill("calm")
        expect(page.get_by_role("row", name="busy")).to_have_count(0)

        held[0].continue_()
        page.wait_for_timeout(300)

        expect(page.locator(".row-link")).to_have_text(["calm"], timeout=8000)
        assert page.evaluate("document.getElementById('fleet').dataset.hxGet") == "/?q=calm"
        expect(page.locator("#live")).to_have_attribute("data-state", "live")

    def test_an_old_filter_does_not_undo_a_new_one(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        held = hold(page, lambda url: "q=busy" in url)
        page.locator("#filter-q").fill("busy")
        page.wait_for_timeout(400)
        page.locator("#filter-q").fill("calm")
        expect(page.get_by_role("row", name="busy")).to_have_count(0)

        held[0].continue_()
        page.wait_for_timeout(300)

        expect(page.locator(".row-link")).to_have_text(["calm"], timeout=8000)

    def test_polls_on_after_a_filter_replaced_a_poll(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        hold(page, lambda url: url.endswith("/"))
        page.evaluate(WAKE)
        page.locator("#filter-q").fill("calm")
        expect(page.get_by_role("row", name="busy")).to_have_count(0)

        store_run(make_agent("calm"), count=1, cpu_percent=77.0)
        poll(page)

        expect(page.get_by_role("row", name="calm")).to_contain_text("77 %")

    def test_goes_on_when_the_server_is_back(self, open_page, viewer, two, told):
        page = open_page("/", user=viewer)
        page.context.set_offline(True)
        with page.expect_event("requestfailed"):
            page.evaluate(WAKE)
        store_run(make_agent("calm"), count=1, cpu_percent=77.0)
        fragment.forget()

        page.context.set_offline(False)  # and with it the browser says that it is online

        expect(page.get_by_role("row", name="calm")).to_contain_text("77 %")
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        assert sorted(page.evaluate(ROWS)) == ["busy", "calm"]
        told.clear()  # Chromium and htmx name the request that failed

    def test_shows_no_page_of_a_proxy_while_the_server_restarts(self, open_page, viewer, two, told):
        page = open_page("/", user=viewer)
        is_down = [True]

        def proxy(route: Route) -> None:
            # Not unrouted, which would leave a request that is on its way without an answer.
            if is_down:
                route.fulfill(status=502, body="<h1>Bad gateway</h1>")
            else:
                route.fallback()

        page.route("**/*", proxy)
        with page.expect_response(lambda response: response.status == 502):
            page.evaluate(WAKE)
        is_down.clear()
        expect(page.locator("#fleet.htmx-request")).to_have_count(0)

        store_run(make_agent("calm"), count=1, cpu_percent=77.0)
        poll(page)

        expect(page.get_by_role("row", name="calm")).to_contain_text("77 %")
        expect(page.get_by_text("Bad gateway")).to_have_count(0)
        told[:] = [text for text in told if "502" not in text]

    def test_wakes_from_a_sleep_with_one_poll(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.clock.install()
        page.reload()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.headers.get("hx-source", "")))

        page.clock.fast_forward("08:00:00")
        page.wait_for_timeout(300)

        assert [source for source in asked if source] == ["div#fleet"]
        expect(page.locator("time").first).to_contain_text("8 h ago")
        expect(page.locator("#live")).to_have_attribute("data-state", "live")

    def test_draws_each_agent_once_when_the_order_turns(self, open_page, viewer, two):
        make_fleet(40)
        page = open_page("/?sort=-cpu", user=viewer)
        store_run(make_agent("calm"), count=1, cpu_percent=99.0)
        poll(page)

        expect(page.locator(".row-link").first).to_have_text("calm")
        shown = page.evaluate(ROWS)
        assert len(shown) == len(set(shown)) == 42
