"""What every page has, in Chromium: shortcuts and their switch, the zone, paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from agents.models import Tag
from tests.dashboard.axe import problems
from tests.dashboard.samples import store_run
from tests.factories import make_agent, make_enrolment_key, make_status_page, make_token

pytestmark = pytest.mark.browser

DIALOG = "dialog.shortcuts"


@pytest.fixture
def fleet(transactional_db):
    """An agent that reported, and one that did not."""
    agent = make_agent("web-1")
    make_token(agent)
    store_run(agent, count=20)
    make_agent("quiet")
    make_enrolment_key()
    make_status_page()
    agent.tags.add(Tag.objects.get(name="shop"))
    return agent


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_the_list_of_shortcuts_passes_axe(open_page, fleet, admin, path):
    page = open_page(path, user=admin)
    page.get_by_role("button", name="Keyboard shortcuts").click()

    expect(page.locator(DIALOG)).to_be_visible()
    assert problems(page) == []


class TestShortcuts:
    @pytest.fixture
    def page(self, open_page, fleet, admin) -> Page:
        return open_page("/", user=admin)

    def test_are_listed_and_the_list_closes_by_escape(self, page):
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()

        page.keyboard.press("Escape")

        expect(page.locator(DIALOG)).to_be_hidden()

    def test_lead_to_pages_and_back(self, page):
        page.keyboard.press("g")
        page.keyboard.press("d")
        page.wait_for_url("**/admin/")
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/compare/")

        page.keyboard.press("g")
        page.keyboard.press("a")

        expect(page.locator("#filter-q")).to_be_visible()

    def test_put_the_cursor_into_the_search_and_leave_typing_alone(self, page):
        page.keyboard.press("/")
        page.keyboard.press("t")
        page.keyboard.press("?")

        expect(page.locator("#filter-q")).to_have_value("t?")
        expect(page.locator(DIALOG)).to_be_hidden()
        expect(page.locator("#theme")).to_have_attribute("data-choice", "auto")

    def test_search_the_admins_lists_too(self, page):
        page.goto("/admin/agents/agent/")
        page.keyboard.press("/")

        expect(page.locator("#searchbar")).to_be_focused()

    def test_choose_a_range(self, page):
        page.goto("/agents/web-1/")
        wanted = page.locator("nav[aria-label=Range] a").nth(1)
        href = wanted.get_attribute("href")
        page.keyboard.press("2")

        page.wait_for_url(f"**{href}")

    def test_leave_the_browsers_own_keys_alone(self, page):
        page.keyboard.press("Control+p")
        page.keyboard.press("Alt+t")

        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        expect(page.locator("#theme")).to_have_attribute("data-choice", "auto")

    def test_are_switched_off_for_good(self, page):
        page.keyboard.press("?")
        page.get_by_role("checkbox", name="Use shortcuts of a single key").uncheck()
        page.get_by_role("button", name="Close").click()

        page.goto("/admin/")
        for key in ("?", "t", "g", "a"):
            page.keyboard.press(key)

        expect(page.locator(DIALOG)).to_be_hidden()
        expect(page.locator("#theme")).to_have_attribute("data-choice", "auto")
        expect(page).to_have_title(re.compile("^Admin "))
        page.get_by_role("button", name="Keyboard shortcuts").click()
        expect(page.get_by_role("checkbox", name="Use shortcuts")).not_to_be_checked()


class TestZone:
    def test_of_times_is_named_on_every_page(self, open_page, fleet, admin):
        page = open_page("/", user=admin)
        for path in ("/", "/password/", "/api/v1/docs/"):
            page.goto(path)
            expect(page.locator(".foot")).to_contain_text("Times in Europe/Paris")

        page.goto("/admin/agents/agent/")
        expect(page.locator("#footer")).to_contain_text("Times in UTC, the server's zone")


class TestPaper:
    @pytest.mark.parametrize("path", ["/", "/agents/web-1/", "/admin/agents/agent/"])
    def test_is_white_and_has_nothing_to_click(self, open_page, fleet, admin, path):
        page = open_page(path, user=admin, theme="dark")
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

        body = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert body == "rgb(255, 255, 255)"
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        expect(page.locator("#theme")).to_be_hidden()
        expect(page.locator(".main-nav")).to_be_hidden()

        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
