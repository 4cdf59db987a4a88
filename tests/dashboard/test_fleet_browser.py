"""The fleet in Chromium: live, filtered, paused, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from dashboard.fleet import fragment
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


@pytest.fixture
def two(transactional_db):
    """A busy agent and a calm one."""
    store_run(make_agent("busy"), count=3)
    store_run(make_agent("calm"), count=3, cpu_percent=3.0)


def poll(page: Page) -> None:
    """Let the page poll now rather than in five seconds."""
    fragment.forget()
    with page.expect_response(
        lambda response: response.request.headers.get("hx-request") == "true"
    ):
        page.evaluate(WAKE)


def hold(page: Page, matches: Callable[[str], bool]) -> list[Route]:
    """Return the requests that wait from now on to be let through."""
    held: list[Route] = []
    page.route(matches, lambda route: held.append(route))  # noqa: PLW0108  (needs a function)
    return held


WAKE = "window.dispatchEvent(new Event('online'))"
"""What a browser says when the network is back; the page then polls at once."""

ROWS = "Array.from(document.querySelectorAll('.row-link'), (link) => link.textContent)"


class TestLiveFleet:
    def test_shows_new_figures_without_a_reload(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        row = page.get_by_role("row", name="calm")
        expect(row).to_contain_text("3 %")

        store_run(make_agent("calm"), count=1, cpu_percent=77.0)
        poll(page)

        expect(row).to_contain_text("77 %")

    def test_keeps_the_focus_and_half_typed_words_over_a_poll(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.locator("#filter-q").press_sequentially("bus")
        expect(page.get_by_role("row", name="calm")).to_have_count(0)
        page.locator("#filter-q").press("y")

        poll(page)

        expect(page.locator("#filter-q")).to_be_focused()
        expect(page.locator("#filter-q")).to_have_value("busy")

    def test_stops_when_paused_and_says_so(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.clock.install()
        page.reload()
        page.get_by_role("button", name="Live, every 5 s").click()
        expect(page.get_by_role("button", name="Paused")).to_be_visible()

        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.clock.run_for(30_000)

        assert asked == []

    def test_goes_to_the_log_in_page_when_the_session_ends(self, open_page, viewer, two):
        page = open_page("/?q=busy", user=viewer)
        Session.objects.all().delete()

        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page).to_have_url(re.compile(r"/login/\?next=/%3Fq%3Dbusy$"))

    def test_is_not_drawn_again_while_nothing_has_changed(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.evaluate("document.querySelector('.row-link').dataset.seen = 'yes'")
        fragment.forget()
        with page.expect_response(lambda response: response.status == 304):
            page.evaluate(WAKE)

        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        assert page.evaluate("document.querySelector('.row-link').dataset.seen") == "yes"

    def test_says_when_the_server_does_not_answer(self, open_page, viewer, two, told):
        page = open_page("/", user=viewer)
        page.clock.install()
        page.reload()
        page.route("**/*", lambda route: route.abort())

        page.clock.run_for(20_000)

        expect(page.locator("#live")).to_contain_text("No answer for")
        expect(page.locator("#live")).to_have_attribute("data-state", "stale")
        told.clear()


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

        assert page.evaluate(ROWS) == ["calm"]
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

        assert page.evaluate(ROWS) == ["calm"]

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
        page.route("**/*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
        with page.expect_response(lambda response: response.status == 502):
            page.evaluate(WAKE)
        page.unroute("**/*")
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


class TestFleetFilters:
    def test_put_the_state_into_the_address(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.locator("#filter-q").fill("calm")
        expect(page.get_by_role("row", name="busy")).to_have_count(0)
        expect(page).to_have_url(re.compile("q=calm"))

        page.go_back()

        expect(page.get_by_role("row", name="busy")).to_be_visible()
        expect(page.locator("#filter-q")).to_have_value("")

    def test_work_by_keyboard_alone(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.keyboard.press("Tab")
        expect(page.locator(".skip-link")).to_be_focused()
        page.keyboard.press("Enter")
        page.locator("#filter-status_0").focus()
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("status=up"))
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("status=warning"))

        page.get_by_role("link", name="busy", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("busy")

    def test_sort_by_a_column(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.get_by_role("link", name="CPU", exact=True).click()
        expect(page).to_have_url(re.compile("sort=-cpu"))

        expect(page.locator(".row-link").first).to_have_text("busy")
        expect(page.get_by_role("columnheader", name="CPU", exact=True)).to_have_attribute(
            "aria-sort", "descending"
        )

    def test_sort_from_the_keyboard_and_keep_the_focus(self, open_page, viewer, two):
        page = open_page("/", user=viewer)
        page.get_by_role("link", name="CPU", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("sort=-cpu"))
        expect(page.get_by_role("link", name="CPU", exact=True)).to_be_focused()

        page.keyboard.press("Enter")

        expect(page).to_have_url(re.compile("sort=cpu"))

    def test_are_set_by_a_tile(self, open_page, viewer, two):
        page = open_page("/?sort=name", user=viewer)
        page.get_by_role("link", name="1 warning").click()

        expect(page.locator(".row-link")).to_have_text(["busy"])
        expect(page).to_have_url(re.compile(r"/\?status=warning&sort=name$"))
        expect(page.locator("#filter-status_2")).to_be_checked()

    def test_turn_the_pages(self, open_page, viewer, two):
        make_fleet(150)
        page = open_page("/?sort=name", user=viewer)
        page.get_by_role("link", name="Next").click()

        expect(page.get_by_role("row", name="machine-0149")).to_be_visible()
        expect(page).to_have_url(re.compile("page=2"))
        page.reload()
        expect(page.get_by_role("row", name="machine-0149")).to_be_visible()

    def test_are_cleared_where_nothing_matches(self, open_page, viewer, two):
        page = open_page("/?q=nothing", user=viewer)
        page.locator("#no-match").get_by_role("link", name="Clear filters").click()

        expect(page.locator(".row-link")).to_have_count(2)
        expect(page.locator("#filter-q")).to_have_value("")
        expect(page).to_have_url(re.compile(r"/$"))

    def test_work_without_scripts(self, open_page, viewer, two):
        page = open_page("/", user=viewer, java_script_enabled=False)
        page.locator("#filter-q").fill("calm")
        page.get_by_role("button", name="Apply").click()

        expect(page.locator(".row-link")).to_have_text(["calm"])
        expect(page.locator("#live")).to_be_hidden()


class TestTheme:
    def test_is_kept_and_shared_with_the_admin(self, open_page, admin, two):
        page = open_page("/", user=admin, theme="light")
        page.get_by_role("button", name="Theme: auto").click()
        page.get_by_role("button", name="Theme: light").click()

        page.goto("/admin/")

        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(12, 13, 16)"


class TestHostileNames:
    def test_are_harmless_text_that_fits(self, open_page, admin, transactional_db):
        name = (
            "<script>alert(1)</script><img src=nowhere onerror=alert(2)>\u202etxt.exe\x07"
            + "A" * 10_000
        )
        agent = make_agent("web-1")
        agent.display_name = agent.hostname = agent.os = agent.kernel = agent.cpu_model = name
        agent.save()
        store_run(agent, count=3, disk_percent={name[:255]: 50.0}, cpu_percent=1.0)
        for width in (1440, 390):
            for path in ("/", "/agents/web-1/"):
                page = open_page(path, user=admin, width=width)
                if path != "/":
                    page.wait_for_selector("#chart-disk-space canvas")

                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert "<script>alert(1)" in page.locator("main").inner_text()
                # A name that turns its own direction round must not turn what follows it.
                assert (
                    page.evaluate("getComputedStyle(document.querySelector('bdi')).unicodeBidi")
                    == "isolate"
                )
