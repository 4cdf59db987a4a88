"""The Server page in Chromium: it stays true without a reload."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from metrics.models import JobRun
from metrics.runs import HEARTBEAT
from tests.dashboard.samples import store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


class TestLivePage:
    def test_shows_what_changed_without_a_reload(self, open_page, admin, transactional_db):
        page = open_page("/server/", user=admin)
        expect(page.locator("#tile-worker")).to_contain_text("Silent")
        expect(page.get_by_role("heading", name="Nothing is stored yet")).to_be_visible()

        store_run(make_agent(), count=3)
        now = timezone.now()
        JobRun.objects.create(name=HEARTBEAT, started_at=now, finished_at=now)
        cache.clear()
        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page.locator("#tile-worker")).to_contain_text("Running")
        expect(page.get_by_role("row", name="Fresh")).to_contain_text("3")

    @pytest.mark.parametrize(("width", "is_named"), [(1440, False), (390, True)])
    def test_names_figures_where_no_column_does(
        self, open_page, admin, transactional_db, width, is_named
    ):
        page = open_page("/server/", user=admin, width=width)
        cell = page.get_by_role("row", name="Clear expired sessions").get_by_role("cell").first

        expect(cell.get_by_text("Outcome")).to_be_visible(visible=is_named)

    def test_is_reached_from_every_page(self, open_page, admin, transactional_db):
        page = open_page("/", user=admin)

        page.get_by_role("link", name="Server", exact=True).click()

        expect(page).to_have_url(re.compile("/server/$"))
        expect(page.get_by_role("link", name="Server")).to_have_attribute("aria-current", "page")
