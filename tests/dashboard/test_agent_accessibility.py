"""All that the agent's page can show, through axe, on phones and desks, in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.agent_page import PAGE, legend
from tests.dashboard.test_accessibility import sideways, violations

pytestmark = pytest.mark.browser


def opened(page: Page) -> Page:
    """Return the page with every group, a table and the form for from and to open."""
    expect(legend(page, "cpu")).to_contain_text("42 %")
    page.evaluate("document.querySelectorAll('.chart-group').forEach((it) => { it.open = true; })")
    expect(legend(page, "cpu-cores")).to_contain_text("70 %")
    page.click("#chart-cpu .chart-table-button")
    page.click(".window summary")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
class TestAgentPage:
    def test_passes_axe_and_fits_the_window(self, open_page, viewer, reporting, width, theme):
        page = opened(open_page(PAGE, user=viewer, width=width, theme=theme))
        found = violations(page)
        too_wide = sideways(page)
        page.click(".window summary")
        page.get_by_role("button", name="Choose lines of CPU by core").click()

        assert found + violations(page) == []
        assert too_wide <= 0
