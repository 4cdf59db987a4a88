"""From the fleet to a number and back without a mouse, and an agent's page on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.agent_page import PAGE, legend
from tests.factories import make_agent

pytestmark = pytest.mark.browser
TABS_AT_MOST = 60


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus, and can be seen."""
    for _ in range(TABS_AT_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            expect(page.locator(f"{selector}:focus")).to_be_in_viewport()
            return
    raise AssertionError(f"{TABS_AT_MOST} tabs do not lead to {selector}")


def test_a_keyboard_is_enough(open_page, viewer, reporting):
    make_agent("db-1")
    page = open_page("/", user=viewer)

    tab_to(page, "#filter-q")
    page.keyboard.type("web")
    expect(page.get_by_text("db-1")).to_have_count(0)
    tab_to(page, ".row-link")
    page.keyboard.press("Enter")
    expect(legend(page, "cpu")).to_contain_text("42 %")

    tab_to(page, "#chart-cpu .chart-plot")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("from="))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#reading")).to_have_text(re.compile("^CPU, "))
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#chart-cpu .chart-table-button")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "#chart-cpu .chart-table")
    expect(page.locator("#chart-cpu tbody tr").first).to_be_visible()

    # Alt and the left arrow are the browser's own; without its window they do nothing.
    page.go_back()
    expect(page).not_to_have_url(re.compile("from="))
    expect(page.locator("#chart-cpu tbody tr").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/\?.*q=web"))
    expect(page.locator("#filter-q")).to_have_value("web")
    expect(page.locator(".row-link")).to_have_text(["web-1"])


def widest_chart(page: Page) -> float:
    """Return the width of the widest chart in pixels."""
    width: float = page.evaluate(
        "Math.max(...[...document.querySelectorAll('canvas')].map((it) => it.clientWidth))"
    )
    return width


class TestPaper:
    @pytest.fixture
    def paper(self, open_page, viewer, reporting) -> Page:
        """The page as it is printed."""
        page: Page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        return page

    def test_has_the_charts_and_what_they_show(self, paper):
        expect(paper.locator("#chart-cpu canvas")).to_be_visible()
        expect(paper.locator("#charts-step")).to_be_visible()
        expect(paper.get_by_role("heading", name="web-1")).to_be_visible()

    @pytest.mark.parametrize(
        "selector",
        ["#ranges", ".window", ".zoom", "#live-form", ".chart-table-button", "#permalink"],
    )
    def test_has_nothing_to_press(self, paper, selector):
        expect(paper.locator(selector).first).to_be_hidden()

    def test_has_charts_half_as_wide_as_the_sheet(self, paper):
        assert 250 < widest_chart(paper) <= 340

        paper.evaluate("window.dispatchEvent(new Event('afterprint'))")

        assert widest_chart(paper) > 500

    def test_fits_on_few_sheets(self, paper):
        document = paper.pdf(format="A4")

        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", document)) <= 6
