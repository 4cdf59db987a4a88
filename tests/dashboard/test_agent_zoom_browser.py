"""Ways through time on the agent's page: ranges, dragging, keys, from and to, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.dashboard.agent_page import PAGE, legend
from tests.dashboard.samples import FULL
from tests.factories import make_agent, sample, store

pytestmark = pytest.mark.browser
ZOOMED = re.compile(r"\?from=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ&to=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def shown_span(page: Page) -> timedelta:
    """Return how long a stretch the address asks for."""
    start, end = (datetime.fromisoformat(text) for text in re.findall(r"=(\d[^&]+Z)", page.url))
    return end - start


def drag(page: Page, chart: str, start: float, end: float) -> None:
    """Drag over a chart, from and to these shares of its width."""
    box: Any = page.locator(f"#chart-{chart} .u-over").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + (start + end) / 2 * box["width"], middle, steps=3)
    page.mouse.move(box["x"] + end * box["width"], middle, steps=3)
    page.mouse.up()


@pytest.fixture
def charts(open_page, viewer, reporting) -> Page:
    """The page of an agent with ten minutes of samples, drawn."""
    page: Page = open_page(f"{PAGE}?range=15m", user=viewer)
    expect(legend(page, "cpu")).to_contain_text("42 %")
    return page


class TestRanges:
    def test_stand_in_the_address_and_back_undoes_them(self, charts):
        charts.get_by_role("link", name="6h").click()

        expect(charts).to_have_url(re.compile(r"\?range=6h$"))
        expect(charts.get_by_role("link", name="6h")).to_have_attribute("aria-current", "true")
        expect(charts.locator("#charts-step")).to_contain_text("of 1\u00a0min")
        charts.go_back()
        expect(charts.get_by_role("link", name="15m")).to_have_attribute("aria-current", "true")
        expect(charts.locator("#charts-step")).to_contain_text("one sample")

    def test_are_drawn_without_loading_the_page_again(self, charts):
        charts.evaluate("window.isTheSame = true")

        charts.get_by_role("link", name="1y").click()

        expect(charts.locator("#charts-step")).to_contain_text("of 1\u00a0d")
        assert charts.evaluate("window.isTheSame")

    def test_say_so_where_there_is_nothing(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1")
        at = timezone.now().timestamp() - 7200
        store(agent, sample(at, **FULL), received_at=datetime.fromtimestamp(at, tz=UTC))

        page = open_page(f"{PAGE}?range=15m", user=viewer)

        expect(page.locator("#charts-state")).to_contain_text("No sample in this stretch")


class TestZoom:
    def test_follows_a_drag_and_back_undoes_it(self, charts):
        drag(charts, "load", 0.5, 0.7)

        expect(charts).to_have_url(ZOOMED)
        assert timedelta(seconds=170) <= shown_span(charts) <= timedelta(seconds=190)
        charts.go_back()
        expect(charts).to_have_url(re.compile(r"range=15m$"))

    def test_is_shown_by_all_charts(self, charts):
        with charts.expect_response(re.compile(r"data\.json\?from=")) as response:
            drag(charts, "load", 0.5, 0.7)

        told = response.value.json()
        assert told["end"] - told["start"] == shown_span(charts).total_seconds()
        expect(charts.locator("#chart-cpu canvas")).to_be_visible()

    def test_is_reset_to_the_range_before(self, charts):
        expect(charts.get_by_role("button", name="Reset zoom")).to_be_disabled()
        drag(charts, "cpu", 0.2, 0.8)
        expect(charts).to_have_url(ZOOMED)

        charts.get_by_role("button", name="Reset zoom").click()

        expect(charts).to_have_url(re.compile(r"range=15m$"))

    def test_has_buttons(self, charts):
        charts.get_by_role("button", name="Zoom in").click()
        expect(charts).to_have_url(ZOOMED)
        assert shown_span(charts) == pytest.approx(timedelta(seconds=450), abs=timedelta(seconds=2))
        first = charts.url
        expect(charts.locator("#permalink")).to_have_attribute("href", re.compile("from="))

        charts.get_by_role("button", name="Earlier").click()

        expect(charts).not_to_have_url(first)
        assert shown_span(charts) == pytest.approx(timedelta(seconds=450), abs=timedelta(seconds=2))

    def test_has_keys(self, charts):
        charts.locator("#chart-cpu .chart-plot").focus()
        charts.keyboard.press("+")
        expect(charts).to_have_url(ZOOMED)
        assert shown_span(charts) == pytest.approx(timedelta(seconds=450), abs=timedelta(seconds=2))
        expect(charts.locator("#chart-cpu .chart-plot")).to_be_focused()

        zoomed = charts.url
        charts.keyboard.press("Shift+ArrowLeft")
        expect(charts).not_to_have_url(zoomed)
        assert shown_span(charts) == pytest.approx(timedelta(seconds=450), abs=timedelta(seconds=2))

        charts.keyboard.press("Escape")

        expect(charts).to_have_url(re.compile(r"range=15m$"))

    def test_never_reaches_into_the_future(self, charts):
        charts.get_by_role("button", name="Later").click()

        expect(charts).to_have_url(ZOOMED)
        end = datetime.fromisoformat(charts.url.split("to=")[1])
        assert end <= timezone.now() + timedelta(seconds=1)

    def test_is_linked_to_exactly(self, charts, open_page, viewer):
        drag(charts, "cpu", 0.2, 0.8)
        expect(charts).to_have_url(ZOOMED)
        expect(charts.locator("#permalink")).to_have_attribute(
            "href", "?" + charts.url.split("?")[1]
        )


def test_lines_show_the_highest_where_the_address_says_so(charts):
    charts.get_by_label("Lines show").select_option("Highest")

    expect(charts).to_have_url(re.compile(r"\?range=15m&figure=maximum$"))
    with charts.expect_response(re.compile("data.json.*figure=maximum")):
        charts.get_by_role("link", name="6h").click()
    charts.go_back()
    charts.go_back()
    expect(charts.get_by_label("Lines show")).to_have_value("mean")


class TestFromTo:
    def test_is_asked_for_in_the_persons_zone(self, charts):
        charts.locator(".window summary").click()
        expect(charts.locator("#window-form")).to_contain_text("Times in Europe/Paris")
        charts.get_by_label("From", exact=True).fill("2026-01-05T12:00")
        charts.get_by_label("To", exact=True).fill("2026-01-05T18:00")

        charts.get_by_role("button", name="Show", exact=True).click()

        expect(charts).to_have_url(
            re.compile(r"\?from=2026-01-05T11:00:00Z&to=2026-01-05T17:00:00Z$")
        )
        expect(charts.locator("#charts-state")).to_contain_text("No sample in this stretch")

    def test_starts_with_what_is_shown(self, charts):
        charts.locator(".window summary").click()

        shown = datetime.fromisoformat(charts.get_by_label("To", exact=True).input_value())

        paris = shown.replace(tzinfo=ZoneInfo("Europe/Paris"))
        assert timezone.now() - paris < timedelta(minutes=1)

    def test_in_the_wrong_order_is_refused_there(self, charts):
        before = charts.url
        charts.locator(".window summary").click()
        charts.get_by_label("From", exact=True).fill("2026-01-05T12:00")
        charts.get_by_label("To", exact=True).fill("2026-01-05T11:00")

        charts.get_by_role("button", name="Show", exact=True).click()

        assert "must lie after" in charts.evaluate(
            "document.querySelector('#window-form [name=to]').validationMessage"
        )
        assert charts.url == before

    def test_of_an_address_without_a_zone_becomes_what_the_server_took(
        self, open_page, viewer, reporting
    ):
        page = open_page(f"{PAGE}?from=2026-01-05T12:00&to=2026-01-05T18:00", user=viewer)

        expect(page).to_have_url(
            re.compile(r"\?from=2026-01-05T12:00:00Z&to=2026-01-05T18:00:00Z$")
        )


def test_the_hour_that_comes_twice_is_told_apart(open_page, viewer, transactional_db):
    agent = make_agent("web-1")
    october = datetime(timezone.now().year - 1, 10, 31, tzinfo=UTC)
    sunday = october - timedelta(days=(october.weekday() + 1) % 7)
    for hour in range(6):
        at = (sunday + timedelta(hours=hour - 2, minutes=30)).timestamp()
        moment = datetime.fromtimestamp(at, tz=UTC)
        store(agent, sample(at, cpu_percent=10.0 + hour), received_at=moment)
    store(agent, sample(timezone.now().timestamp(), cpu_percent=1.0))
    span = [(sunday + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (-3, 5)]
    page = open_page(f"{PAGE}?from={span[0]}&to={span[1]}", user=viewer)

    page.get_by_role("button", name="CPU as a table").click()

    rows = page.locator("#chart-cpu tbody th")
    expect(rows).to_have_count(6)
    texts = rows.all_text_contents()
    assert len(set(texts)) == 6
    assert [text.split(", ")[1] for text in texts if ", 02:00" in text] == [
        "02:00 CET",
        "02:00 CEST",
    ]
