"""The fleet in Chromium: live, filtered, paused, without scripts."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from dashboard.fleet import fragment
from tests.dashboard.fleet_page import WAKE, poll
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


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
