"""The agent's page in Chromium: charts that are true, and readable without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.agent_page import PAGE, drawn_pixels, legend
from tests.dashboard.samples import store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser


class TestCharts:
    def test_are_drawn_with_the_current_values_in_the_legend(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(legend(page, "cpu")).to_contain_text("42 %")
        expect(legend(page, "memory")).to_contain_text("4.0 GiB")
        expect(legend(page, "network")).to_contain_text("8 Mbit/s")
        expect(legend(page, "disk-space")).to_contain_text("91 %")
        assert drawn_pixels(page, "cpu", "--t-c1") > 100

    def test_are_drawn_in_the_colours_of_the_theme(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.get_by_role("button", name="Theme: auto").click()
        page.get_by_role("button", name="Theme: light").click()

        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert drawn_pixels(page, "cpu", "--t-c1") > 100

    def test_name_the_zone_of_their_times(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator(".chart-zone")).to_have_text("Times in Europe/Paris")

    def test_show_the_values_under_the_pointer_on_all_charts(self, open_page, viewer, reporting):
        page = open_page(PAGE + "?range=15m", user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.locator("#chart-load .u-over").hover()

        expect(page.locator("#chart-load .u-tip")).to_contain_text("5 min")
        expect(legend(page, "cpu")).not_to_contain_text("42 %")
        page.mouse.move(0, 0)
        expect(legend(page, "cpu")).to_contain_text("42 %")

    def test_are_read_by_the_arrow_keys(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        page.locator("#chart-cpu .chart-plot").focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")

        expect(page.locator("#reading")).to_have_text(
            re.compile(r"^CPU, \w+,? \d+ \w+,? [\d:]+: Average \d+")
        )

    def test_are_tables_too(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        page.get_by_role("button", name="CPU as a table").click()

        rows = page.locator("#chart-cpu tbody tr")
        expect(rows.first).to_contain_text("42 %")
        assert 58 <= rows.count() <= 61

    def test_shade_a_stretch_without_samples(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1")
        store_run(agent, count=30, age_seconds=2000)
        store_run(agent, count=30)
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")

        assert drawn_pixels(page, "cpu", "--t-raised") > 5000

    def test_are_files_too(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        page.get_by_role("button", name="CPU as a table").click()

        with page.expect_download() as download:
            page.locator("#chart-cpu").get_by_role("link", name="Download as CSV").click()

        lines = download.value.path().read_text().splitlines()
        assert lines[0] == "time,cpu_percent mean,cpu_percent min,cpu_percent max"
        assert len([line for line in lines if not line.endswith(",,,")]) >= 59

    def test_say_what_a_point_stands_for(self, open_page, viewer, reporting):
        page = open_page(f"{PAGE}?range=24h", user=viewer)

        expect(page.locator("#charts-step")).to_have_text(
            "Each point is the mean, minimum and maximum of 3\u00a0min,"
            " from samples 10\u00a0s apart."
        )

    def test_say_where_there_is_no_data_and_lead_there(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1")
        store_run(agent, count=30, age_seconds=2000)
        store_run(agent, count=171)
        page = open_page(f"{PAGE}?range=1h", user=viewer)

        expect(page.locator("#coverage")).to_contain_text("Samples cover 5")
        page.locator("#gaps a").first.click()

        expect(page).to_have_url(re.compile(r"\?from="))


class TestGroups:
    def test_open_with_their_numbers_and_are_remembered(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        expect(page.locator("#chart-cpu-cores")).to_have_count(0)

        page.get_by_role("heading", name="Processor").click()

        expect(legend(page, "cpu-cores")).to_contain_text("70 %")
        page.reload()
        expect(legend(page, "cpu-cores")).to_contain_text("70 %")

    def test_close_and_stay_closed(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")

        page.get_by_role("heading", name="Overview").click()
        page.reload()

        expect(page.get_by_text("CPU, Load average, Memory")).to_be_visible()
        expect(legend(page, "cpu")).to_have_count(0)

    def test_name_their_charts_while_they_are_closed(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator("[data-group=processor] .group-names")).to_have_text("CPU by core")


class TestPicker:
    def test_chooses_the_lines_of_a_chart_and_the_address_holds_them(
        self, open_page, viewer, reporting
    ):
        page = open_page(PAGE, user=viewer)
        page.get_by_role("heading", name="Processor").click()
        page.get_by_role("button", name="Choose lines of CPU by core").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("checkbox", name="0", exact=True)).to_be_disabled()
        for core in ("3", "4", "5", "6"):
            dialog.get_by_role("checkbox", name=core, exact=True).uncheck()
        dialog.get_by_role("checkbox", name="0", exact=True).check()
        dialog.get_by_role("button", name="Show").click()

        names = page.locator("#chart-cpu-cores .legend-name")
        expect(names).to_have_text(["Core 0", "Core 7", "6 others, mean"])
        assert page.url.endswith("?pick=cpu-cores%7C0&pick=cpu-cores%7C7")
        page.go_back()
        expect(names).to_have_count(6)
