"""Every page, at a desk and on a phone, in both themes, through axe and on a strict console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "fleet": "/",
    "no match": "/?q=nothing",
    "heat map": "/compare/",
    "heat map of a rate": "/compare/?metric=received",
    "ranking": "/compare/?view=rank",
    "small charts": "/compare/?view=small",
    "one chart": "/compare/?view=chart",
    "nothing to compare": "/compare/?view=rank&metric=steal",
    "agent": "/agents/web-1/",
    "waiting": "/agents/quiet/",
    "server": "/server/",
    "not found": "/agents/nobody/",
    "password": "/password/",
    "log out": "/logout/",
    "admin": "/admin/",
    "admin list": "/admin/agents/agent/",
    "api": "/api/v1/docs/",
    "admin read tokens": "/admin/agents/readtoken/",
    "admin read token form": "/admin/agents/readtoken/add/",
    "admin form": "/admin/agents/agent/add/",
    "admin enrolment keys": "/admin/agents/enrolmentkey/",
    "admin enrolment key form": "/admin/agents/enrolmentkey/add/",
}


pytestmark = pytest.mark.browser


def violations(page: Page) -> list[str]:
    """Return what axe finds, as rule and place."""
    # Preloading copies stylesheets into <style>, which our policy stops, and says on the console.
    found: Any = Axe().run(page, options={"runOnly": RULES, "preload": False}).response
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.fixture
def fleet(transactional_db):
    """One agent of each state."""
    store_run(make_agent("web-1", os="Debian 12", cpu_count=8, address="10.0.0.9"), count=20)
    store_run(make_agent("gone"), count=3, age_seconds=1500)
    make_agent("quiet")
    make_agent("resting", enabled=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
class TestPages:
    def test_pass_axe_and_fit_the_window(self, open_page, fleet, admin, told, width, theme):
        page = open_page("/login/", width=width, theme=theme)
        problems = {"log in": violations(page)}
        page = open_page("/", user=admin, width=width, theme=theme)
        for name, path in PAGES.items():
            page.goto(path)
            if name == "agent":
                page.wait_for_selector("#chart-custom-queue_length canvas")
            problems[name] = violations(page)
            if sideways(page) > 0:
                problems[name].append(f"{sideways(page)} px too wide")
        told[:] = [text for text in told if "404 (Not Found)" not in text]

        assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_empty_fleet_passes_axe(open_page, admin, transactional_db, width):
    page = open_page("/", user=admin, width=width)

    assert violations(page) == []
    assert sideways(page) == 0


@pytest.mark.parametrize("width", [1440, 320])
def test_a_fleet_of_several_pages_passes_axe(open_page, admin, transactional_db, width):
    make_fleet(101)
    page = open_page("/?sort=name&page=2", user=admin, width=width)

    assert violations(page) == []
    assert sideways(page) == 0


def test_an_opened_table_and_menu_pass_axe(open_page, fleet, admin):
    page = open_page("/agents/web-1/", user=admin)
    page.click("#chart-cpu .chart-table-button")
    page.click(".person summary")

    assert violations(page) == []
