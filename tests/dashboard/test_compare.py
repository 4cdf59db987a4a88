"""The comparison of agents, as a client without scripts and as htmx see it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Tag
from dashboard.charts import CUSTOM_CHARTS_MAXIMUM
from dashboard.compare import fragment
from dashboard.compare.measures import MEASURES
from dashboard.compare.offers import find_measure
from dashboard.fleet import fragment as fleet_fragment
from dashboard.units import FORMATS
from metrics import layouts
from metrics.catalog import BY_NAME, METRICS
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
VIEWS = ["heat", "rank", "small", "chart"]


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def names(response) -> list[str]:
    html = response.content.decode().partition('<div id="compare"')[2]
    return re.findall(r"<bdi>([^<]+)</bdi>", html)


@pytest.fixture
def three(db):
    """A busy agent and a calm one with the tag lab, and one that never reported."""
    lab = Tag.objects.create(name="lab")
    busy, calm = make_agent("busy"), make_agent("calm", display_name="Calm one")
    make_agent("quiet").tags.add(Tag.objects.create(name="cellar"))
    busy.tags.add(lab)
    calm.tags.add(lab)
    store_run(busy, count=30)
    store_run(calm, count=30, cpu_percent=3.0, network_received_bytes_per_second={"eth0": 1000.0})


class TestComparePage:
    @pytest.mark.parametrize("view", VIEWS)
    def test_shows_what_the_address_asks_for(self, web, three, view):
        shown = names(web.get(f"/compare/?view={view}&range=1h"))

        assert [name for name in shown if name != "quiet"][:2] == ["busy", "Calm one"]

    @pytest.mark.parametrize("view", VIEWS)
    @pytest.mark.parametrize("metric", MEASURES)
    def test_draws_every_metric_in_every_view(self, web, three, view, metric):
        answer = web.get(f"/compare/?view={view}&metric={metric}")

        assert answer.status_code == 200
        assert MEASURES[metric].title in answer.content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            "metric=nonsense&view=nonsense&range=nonsense&tag=nonsense&page=nonsense",
            "page=99999999999999999999",
            "agent=nobody&agent=%00&agent=../../etc&view=chart",
            "agent=" + "x" * 5000,
            "view=small&page=-3",
        ],
    )
    def test_takes_what_it_cannot_read_as_not_asked_for(self, web, three, query):
        answer = web.get(f"/compare/?{query}")

        assert answer.status_code == 200
        assert "busy" in names(answer)

    @pytest.mark.parametrize("view", VIEWS)
    @pytest.mark.parametrize("value", [1e18, -1e18, 5e-324])
    def test_takes_any_number_that_an_agent_may_send(self, web, agent, view, value):
        store_run(agent, count=3, load_5m=value, device_read_bytes_per_second={"a": value, "b": 1})

        for metric in ("load", "read"):
            answer = web.get(f"/compare/?view={view}&metric={metric}")

            assert "web-1" in names(answer)

    def test_keeps_to_a_tag(self, web, three):
        assert "quiet" in names(web.get("/compare/"))
        assert names(web.get("/compare/?tag=lab")) == ["busy", "Calm one"]

    def test_puts_an_agent_under_each_of_its_tags(self, web, three):
        make_agent("busy").tags.add(Tag.objects.create(name="web"))

        assert names(web.get("/compare/")).count("busy") == 2

    def test_writes_a_value_on_every_cell(self, web, three):
        html = text(web.get("/compare/?tag=lab"))

        assert "<bdi>busy</bdi><b>42 %</b>" in html
        assert "2 agents, 23 % in the mean" in html

    def test_says_of_an_agent_without_a_value_how_it_is(self, web, three):
        assert "<bdi>quiet</bdi><b>waiting</b>" in text(web.get("/compare/?tag=cellar"))

    def test_ranks_by_the_value_now_with_what_was_over_the_range(self, web, three):
        html = text(web.get("/compare/?view=rank&metric=received&range=1h", headers=HTMX))

        rows = re.findall(
            r"<bdi>([^<]+)</bdi>.*?compare-now\">([^<]+)</td>\s*<td>([^<]+)", html, re.DOTALL
        )
        assert rows == [("busy", "10 Mbit/s", "10 Mbit/s"), ("Calm one", "8 kbit/s", "8 kbit/s")]

    def test_draws_the_chosen_agents_on_one_chart(self, web, three):
        html = text(web.get("/compare/?view=chart&agent=calm"))

        assert "busy" not in names(web.get("/compare/?view=chart&agent=calm"))
        assert html.count('class="plot-line line-1"') == 2  # in the chart and beside the name
        assert "Take off the chart" in html

    def test_draws_six_lines_at_most(self, web, db):
        make_fleet(8)
        chosen = "&".join(f"agent=machine-000{number}" for number in range(8))

        assert len(names(web.get(f"/compare/?view=chart&{chosen}"))) == 6 + 6  # two tables

    def test_teaches_where_there_is_nothing_to_compare(self, web, three):
        html = text(web.get("/compare/?view=rank&metric=steal"))

        assert "No agent reports this now" in html
        assert "cpu_steal_percent" in html

    def test_teaches_how_to_add_the_first_agent(self, web):
        assert "gen_token" in text(web.get("/compare/"))

    @pytest.mark.parametrize("view", VIEWS)
    def test_costs_the_same_queries_for_50_and_250_agents(self, web, db, view):
        def cost(count: int) -> int:
            Agent.objects.all().delete()
            make_fleet(count)
            for remembers in (fragment, fleet_fragment, layouts):
                remembers.forget()
            with CaptureQueriesContext(connection) as queries:
                web.get(f"/compare/?view={view}")
            return len(queries)

        assert cost(50) == cost(250)

    def test_takes_no_inline_script_or_style(self, web, three):
        for view in VIEWS:
            html = web.get(f"/compare/?view={view}").content.decode()

            assert not re.search(r"<script(?![^>]*\bsrc=)", html)
            assert not re.search(r"\s(style|on\w+)=", html)


class TestCompareFragment:
    def test_is_not_sent_again_to_a_poll_while_it_is_the_same(self, web, three):
        poll = {**HTMX, "HX-Source": "div#compare"}
        first = web.get("/compare/", headers=poll)
        again = web.get("/compare/", headers={**poll, "If-None-Match": first["ETag"]})

        assert first.content.startswith(b'<div id="compare"')
        assert f'data-version="{first["ETag"].strip(chr(34))}"' in first.content.decode()
        assert again.status_code == 304

    def test_puts_the_state_into_the_address(self, web, three):
        asked = "metric=disk&tag=lab&view=rank&range=7d&page=&agent=busy"
        answer = web.get(f"/compare/?{asked}", headers={**HTMX, "HX-Source": "form#choices"})

        expected = "/compare/?metric=disk&tag=lab&view=rank&range=7d&agent=busy"
        assert answer["HX-Push-Url"] == expected


class TestOffers:
    def offered(self, web, path="/compare/") -> dict[str, dict[str, str]]:
        html = web.get(path).content.decode()
        groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', html, flags=re.DOTALL)
        option = r'<option value="([^"]+)"(?: selected)?>([^<]+)<'
        return {title: dict(re.findall(option, inside)) for title, inside in groups}

    def test_are_every_metric_that_some_agent_reports(self, web, agent):
        store_run(agent, count=1, memory_total_bytes=2**30, swap_used_bytes=5, queue_length=7)

        assert self.offered(web) == {
            "Often compared": {measure.name: measure.title for measure in MEASURES.values()},
            "Memory": {"swap_used_bytes": "Swap: Used"},
            "Custom metrics": {"queue_length": "queue_length"},
            "Others": {"memory_total_bytes": "Memory total"},
        }

    def test_keep_what_the_address_asks_for_though_nobody_reports_it(self, web, three):
        path = "/compare/?metric=pressure_io_percent"

        assert self.offered(web, path)["Processor"]["pressure_io_percent"] == "Pressure: Disk"
        assert "No agent reports this now" in web.get(path + "&view=rank").content.decode()

    def test_tell_a_custom_metric_from_one_of_ours_of_the_same_name(self, web, agent):
        store_run(agent, count=1, load=77, load_5m=3)

        assert self.offered(web)["Custom metrics"] == {"custom-load": "load"}
        assert "77" in text(web.get("/compare/?metric=custom-load&view=rank"))
        assert "77" not in text(web.get("/compare/?metric=load&view=rank"))

    def test_know_a_metric_by_its_own_name_too(self, web, three):
        answer = web.get("/compare/?metric=disk_percent&tag=lab", headers=HTMX)

        assert answer["HX-Push-Url"] == "/compare/?metric=disk&tag=lab"

    def test_are_bounded_where_an_agent_names_its_metrics_by_date(self, web, agent):
        store_run(agent, count=1, **{f"sold_{day}": day for day in range(300)})

        assert len(self.offered(web)["Custom metrics"]) == CUSTOM_CHARTS_MAXIMUM

    @pytest.mark.parametrize("entry", METRICS, ids=lambda entry: entry.name)
    def test_have_a_title_and_a_format_for_each_metric_there_is(self, entry):
        measure = find_measure(entry.name)

        assert measure is not None
        assert measure.metric == entry.name
        assert measure.format in FORMATS
        assert measure.title[0].isupper()


class TestMeasures:
    @pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
    def test_name_a_metric_and_a_format_that_there_are(self, measure):
        assert measure.metric in BY_NAME
        assert measure.format in FORMATS
