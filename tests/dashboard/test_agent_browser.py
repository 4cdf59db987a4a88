"""The agent's page in Chromium: charts that are true, live, and readable without a mouse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.dashboard.samples import FULL, store_run
from tests.factories import make_agent

pytestmark = pytest.mark.browser
PAGE = "/agents/web-1/"
REFUSED = "the server responded with a status of 401 (Unauthorized)"
NOTHING_NEW = {"start": 100, "end": 140, "step": 10, "agent": {"interval_seconds": 10}}


@pytest.fixture
def reporting(transactional_db):
    """An agent called web-1 with ten minutes of samples."""
    agent = make_agent("web-1")
    store_run(agent, count=60)
    return agent


def legend(page: Page, chart: str):
    return page.locator(f"#chart-{chart} .legend")


def poll(page: Page) -> Any:
    """Let the page poll now rather than in five seconds; return what it was told."""
    with page.expect_response(re.compile(r"data\.json")) as response:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    return response.value.json()


def drawn_pixels(page: Page, chart: str, colour: str) -> int:
    """Return how many pixels of the chart have the colour of a line."""
    return page.evaluate(
        """([chart, token]) => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = `var(${token})`;
          const [red, green, blue] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
          probe.remove();
          const canvas = document.querySelector(`#chart-${chart} canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
          }
          return count;
        }""",
        [chart, colour],
    )


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

    def test_say_how_many_lines_are_not_drawn(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator("#chart-cpu-cores .chart-note")).to_have_text(
            "The 6 highest lines; 2 more are not drawn."
        )

    def test_name_the_zone_of_their_times(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)

        expect(page.locator("[data-zone]")).to_have_text("Times in Europe/Paris")

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

    def test_keep_the_range_in_the_address(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        page.get_by_role("link", name="6h").click()

        expect(page).to_have_url(re.compile(r"\?range=6h$"))
        expect(page.get_by_role("link", name="6h")).to_have_attribute("aria-current", "true")
        page.go_back()
        expect(page.get_by_role("link", name="15m")).to_have_attribute("aria-current", "true")


class TestLiveCharts:
    def test_take_only_what_is_new(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        store_run(reporting, count=1, age_seconds=-10, **{**FULL, "cpu_percent": 93.0})

        told = poll(page)

        assert told["charts"] is None
        assert told["count"] <= 5

    def test_show_a_new_sample(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "load")).to_contain_text("1.50")
        store_run(reporting, count=1, **{**FULL, "load_1m": 9.25})

        poll(page)

        expect(legend(page, "load")).to_contain_text(re.compile(r"5\.38|9\.25"))

    def test_draw_a_metric_that_the_agent_begins_to_send(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        store_run(
            reporting,
            count=1,
            **{**FULL, "swap_total_bytes": 2**30, "swap_used_bytes": 2**29, "jobs": 5},
        )

        poll(page)

        expect(page.locator("#chart-custom-jobs")).to_be_visible()

    def test_appear_by_themselves_with_the_first_sample(self, open_page, viewer, transactional_db):
        agent = make_agent("web-1")
        page = open_page(PAGE, user=viewer)
        expect(page.get_by_role("heading", name="Waiting for the first report")).to_be_visible()
        store_run(agent, count=1)

        # No push: the first poll may be under way, and then only the next one brings it.
        expect(legend(page, "cpu")).to_contain_text("42 %", timeout=9000)

    def test_wait_in_peace_for_an_agent_that_was_paused_early(
        self, open_page, viewer, transactional_db
    ):
        make_agent("web-1", enabled=False)
        page = open_page(PAGE, user=viewer)
        page.evaluate("window.isTheSame = true")

        poll(page)
        page.wait_for_timeout(300)

        assert page.evaluate("window.isTheSame")

    def test_stop_and_say_so_when_the_session_ends(self, open_page, viewer, reporting, told):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        Session.objects.all().delete()

        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page.locator("#signed-out")).to_contain_text("You are signed out")
        expect(page.locator("#live")).to_have_text(re.compile("Signed out"))
        assert [text.split(": ")[-1] for text in told] == [REFUSED]
        told.clear()

    def test_back_off_while_the_server_fails(self, open_page, viewer, reporting, told):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.clock.install()
        asked: list[str] = []
        page.route("**/data.json*", lambda route: (asked.append(route.request.url), route.abort()))
        page.evaluate("window.dispatchEvent(new Event('online'))")
        for _ in range(40):
            page.clock.run_for(1000)

        assert 2 <= len(asked) <= 4
        told.clear()

    def test_ask_nothing_while_nobody_looks(self, open_page, viewer, reporting):
        page = open_page(PAGE, user=viewer)
        expect(legend(page, "cpu")).to_contain_text("42 %")
        page.clock.install()
        page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(30_000)

        assert asked == []


class TestStore:
    """The merging of replies, in the module itself."""

    def merged(self, page: Page, *updates: dict[str, Any]) -> Any:
        columns = {"a|": {"mean": [1, 2, 3, 4]}}
        charts = [{"left_out": ["other|"]}]
        whole = {**NOTHING_NEW, "first": 100, "count": 4, "charts": charts, "columns": columns}
        return page.evaluate(
            """async ([whole, updates]) => {
              const { Store } = await import("/static/dashboard/js/store.js");
              const store = new Store();
              store.replace(whole);
              const fits = updates.map((update) => store.merge(update));
              const { times, resume } = store;
              return { fits, times, resume, mean: store.reply.columns["a|"].mean };
            }""",
            [whole, updates],
        )

    def update(self, **changes: Any) -> dict[str, Any]:
        base = {**NOTHING_NEW, "end": 150, "first": 120, "count": 3}
        return {**base, "columns": {"a|": {"mean": [3, 5, 6]}}, **changes}

    def test_replaces_the_bucket_that_was_filling_and_appends(self, plain_page):
        held = self.merged(plain_page, self.update())

        assert held["mean"] == [1, 2, 3, 5, 6]
        assert held["times"] == [100, 110, 120, 130, 140]

    def test_draws_nothing_twice_when_replies_overlap(self, plain_page):
        once = self.merged(plain_page, self.update())

        assert self.merged(plain_page, self.update(), self.update())["mean"] == once["mean"]

    def test_lets_the_oldest_go(self, plain_page):
        held = self.merged(plain_page, self.update(start=125))

        assert (held["times"], held["mean"]) == ([120, 130, 140], [3, 5, 6])

    def test_keeps_a_gap_for_a_line_that_sent_nothing(self, plain_page):
        held = self.merged(plain_page, self.update(columns={}))

        assert held["mean"] == [1, 2, None, None, None]

    def test_asks_for_the_last_buckets_again(self, plain_page):
        assert self.merged(plain_page)["resume"] == {"after": 110, "step": 10}

    @pytest.mark.parametrize(
        "changes",
        [
            {"step": 20},
            {"first": 125},
            {"first": 90},
            {"first": 160},
            {"columns": {"new|": {"mean": [1, 1, 1]}}},
        ],
        ids=["another step", "off the grid", "before", "a hole between", "a line not met yet"],
    )
    def test_refuses_what_does_not_fit(self, plain_page, changes):
        held = self.merged(plain_page, self.update(**changes))

        assert held["fits"] == [False]
        assert held["mean"] == [1, 2, 3, 4]

    def test_takes_a_line_that_is_left_out_in_silence(self, plain_page):
        update = self.update(columns={"a|": {"mean": [3, 5, 6]}, "other|": {"mean": [1, 1, 1]}})

        assert self.merged(plain_page, update)["fits"] == [True]
