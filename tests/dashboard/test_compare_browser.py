"""The comparison in Chromium: choices, live, by keyboard, without scripts."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from agents.models import Tag
from dashboard.compare import fragment
from dashboard.fleet import fragment as fleet_fragment
from tests.dashboard.samples import store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


@pytest.fixture
def two(transactional_db):
    """A busy agent with a tag, and a calm one."""
    busy = make_agent("busy")
    busy.tags.add(Tag.objects.create(name="lab"))
    store_run(busy, count=20)
    store_run(make_agent("calm"), count=20, cpu_percent=3.0, memory_percent=20.0)


class TestCompare:
    def test_keeps_every_choice_in_the_address(self, open_page, viewer, two):
        page = open_page("/compare/", user=viewer)
        page.get_by_role("link", name="Ranking").click()
        expect(page.get_by_role("rowheader")).to_have_count(2)
        page.get_by_label("Metric").select_option("Memory")
        expect(page).to_have_url(re.compile(r"metric=memory&view=rank$"))
        page.get_by_label("Agents").select_option("lab")
        expect(page).to_have_url(re.compile(r"metric=memory&tag=lab&view=rank$"))
        expect(page.get_by_role("rowheader")).to_have_count(1)

        page.reload()
        expect(page.get_by_role("rowheader")).to_have_count(1)
        page.go_back()

        expect(page.get_by_role("rowheader")).to_have_count(2)

    def test_shows_new_values_without_a_reload(self, open_page, viewer, two):
        page = open_page("/compare/", user=viewer)
        expect(page.get_by_role("link", name="calm").first).to_contain_text("3 %")

        store_run(make_agent("calm"), count=1, cpu_percent=95.0)
        fragment.forget()
        fleet_fragment.forget()
        page.evaluate("window.dispatchEvent(new Event('online'))")

        cell = page.get_by_role("link", name="calm").first
        expect(cell).to_contain_text("95 %")
        expect(cell.get_by_role("img", name="High")).to_be_visible()

    def test_draws_chosen_agents_by_keyboard_alone(self, open_page, viewer, two):
        page = open_page("/compare/?view=rank", user=viewer)
        for name in ("busy", "calm"):
            page.get_by_role("checkbox", name=f"{name} on the chart").focus()
            page.keyboard.press("Space")
        page.get_by_role("button", name="Draw the chosen on one chart").focus()
        page.keyboard.press("Enter")

        expect(page).to_have_url(re.compile("agent=busy&agent=calm"))
        expect(page.get_by_role("img", name=re.compile("^CPU of busy, calm"))).to_be_visible()
        page.locator(".compare-values summary").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("columnheader", name="busy")).to_be_visible()
        page.locator(".compare-foot").get_by_role("link", name="calm").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("img", name=re.compile("^CPU of busy over"))).to_be_visible()

    def test_keeps_what_is_ticked_over_a_poll(self, open_page, viewer, two):
        page = open_page("/compare/?view=rank", user=viewer)
        page.get_by_role("checkbox", name="calm on the chart").check()
        store_run(make_agent("busy"), count=1, cpu_percent=1.0)
        fragment.forget()
        fleet_fragment.forget()
        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page.get_by_role("rowheader").first).to_contain_text("calm")
        expect(page.get_by_role("checkbox", name="calm on the chart")).to_be_checked()
        expect(page.get_by_role("checkbox", name="busy on the chart")).not_to_be_checked()

    def test_tells_times_in_the_browsers_zone(self, open_page, viewer, two):
        page = open_page("/compare/?view=chart&range=1h", user=viewer)
        tick = page.locator(".chart-times text").nth(2)
        at = datetime.fromtimestamp(int(tick.get_attribute("data-tick")), ZoneInfo("Europe/Paris"))
        expect(tick).to_have_text(f"{at:%H:%M}" if at.hour or at.minute else f"{at.day} {at:%b}")

        first = page.locator(".compare-values time").first
        shown = datetime.fromisoformat(first.get_attribute("datetime"))
        in_paris = shown.astimezone(ZoneInfo("Europe/Paris"))
        expect(first).to_have_text(re.compile(f"{in_paris:%H:%M}$"))

    def test_works_without_scripts(self, open_page, viewer, two):
        page = open_page("/compare/?view=small", user=viewer, java_script_enabled=False)
        page.get_by_label("Agents").select_option("lab")
        page.get_by_role("button", name="Show").click()

        expect(page.locator(".small-chart")).to_have_count(1)
        assert "view=small" in page.url
