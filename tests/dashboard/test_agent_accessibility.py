"""All that the agent's page can show, through axe, on phones and desks, in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.agent_page import PAGE, legend
from tests.dashboard.axe import problems

pytestmark = pytest.mark.browser


def opened(page: Page) -> Page:
    """Return the page with every group, a table and the form for from and to open."""
    expect(legend(page, "cpu")).to_contain_text("42 %")
    page.evaluate("document.querySelectorAll('.chart-group').forEach((it) => { it.open = true; })")
    expect(legend(page, "cpu-cores")).to_contain_text("70 %")
    page.click("#chart-cpu .chart-table-button")
    page.click(".window summary")
    return page


class TestAgentPage:
    def test_passes_axe_and_fits_the_window_with_everything_open(
        self, open_page, viewer, reporting
    ):
        assert problems(opened(open_page(PAGE, user=viewer))) == []

    def test_passes_axe_with_the_choice_of_lines_open(self, open_page, viewer, reporting):
        page = opened(open_page(PAGE, user=viewer))
        page.click(".window summary")
        page.get_by_role("button", name="Choose lines of CPU by core").click()

        assert problems(page) == []
