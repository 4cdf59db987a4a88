"""The list of agents, as a client without scripts and as htmx see it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Tag
from dashboard.fleet import FleetQuery, headings
from dashboard.sparkline import Sparkline
from metrics import layouts
from tests.dashboard.samples import store_run
from tests.factories import make_agent

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
NAMES = re.compile(r'class="row-link"[^>]*><bdi>([^<]+)</bdi>')


def names(response) -> list[str]:
    return NAMES.findall(response.content.decode())


@pytest.fixture
def three(db):
    """Three agents: two that report, one that never did."""
    lab = Tag.objects.create(name="lab")
    busy = make_agent("busy", os="Debian 12", cpu_count=8, address="10.0.0.9")
    calm = make_agent("calm", os="Alpine 3.21", display_name="Calm one")
    make_agent("quiet")
    busy.tags.add(lab)
    store_run(busy, count=3)
    store_run(calm, count=3, cpu_percent=3.0, memory_percent=20.0, memory_total_bytes=2**31)


class TestFleetPage:
    def test_asks_for_a_log_in(self, db):
        response = Client().get("/?q=x")

        assert response.status_code == 302
        assert response["Location"] == "/login/?next=/%3Fq%3Dx"

    def test_shows_the_latest_figures_of_each_agent(self, web, three):
        html = web.get("/").content.decode().replace("\u00a0", " ")

        assert names(web.get("/")) == ["busy", "Calm one", "quiet"]
        assert "42 %" in html
        assert "8 cores" in html
        assert "91 %" in html  # the fullest disk
        assert "250 GB" in html
        assert "10 Mbit/s" in html  # both interfaces together
        assert "5 Mbit/s" in html

    def test_adds_up_what_all_use(self, web, three):
        html = web.get("/").content.decode().replace("\u00a0", " ")

        assert "4.4 GiB of 10 GiB" in html
        assert "275 GB of 330 GB" in html
        assert "84 %" in html  # of what may be used, as each disk counts
        assert re.search(r"<b>2</b> up", html)
        assert re.search(r"<b>1</b> waiting", html)

    def test_shows_no_figures_of_an_agent_that_is_down(self, web, db):
        store_run(make_agent("gone"), count=2, age_seconds=1500)

        html = web.get("/").content.decode()

        assert 'class="agent-row agent-down"' in html
        assert "meter-value" not in html
        assert "25\u00a0min ago" in html

    def test_costs_the_same_queries_for_3_and_30_agents(self, web, db):
        def cost(count: int) -> int:
            for number in range(count):
                agent = make_agent(f"a{number}")
                agent.tags.add(Tag.objects.get_or_create(name=f"t{number % 3}")[0])
                store_run(agent, count=2)
            cache.clear()
            layouts.forget()
            with CaptureQueriesContext(connection) as queries:
                web.get("/")
            return len(queries)

        assert cost(3) == cost(30) == 8

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=10.0.0.9", ["busy"]),
            ("q=CALM", ["Calm one"]),
            ("q=lab busy", ["busy"]),
            ("tag=lab", ["busy"]),
            ("system=Alpine+3.21", ["Calm one"]),
            ("status=waiting", ["quiet"]),
            ("sort=-cpu", ["busy", "Calm one", "quiet"]),
            ("sort=cpu", ["Calm one", "busy", "quiet"]),
            ("sort=-name", ["quiet", "Calm one", "busy"]),
            ("sort=status", ["quiet", "busy", "Calm one"]),
            ("status=nonsense&sort=nonsense&tag=nonsense", ["busy", "Calm one", "quiet"]),
        ],
    )
    def test_filters_and_sorts_by_the_address(self, web, three, query, expected):
        assert names(web.get(f"/?{query}")) == expected

    def test_offers_to_clear_filters_that_nothing_matches(self, web, three):
        html = web.get("/?q=nothing").content.decode()

        assert "No agent matches" in html
        assert "Clear filters" in html

    def test_teaches_how_to_add_the_first_agent(self, web):
        html = web.get("/").content.decode()

        assert "python manage.py gen_token --agent-id web-1" in html
        assert "pip install ./agent_client" in html
        assert "tara-agent run" in html
        assert "/admin/agents/agent/add/" not in html

    def test_links_to_the_admin_for_who_may_add(self, web, viewer):
        viewer.user_permissions.add(Permission.objects.get(codename="add_agent"))

        assert "/admin/agents/agent/add/" in web.get("/").content.decode()

    def test_takes_no_inline_script_or_style(self, web, three):
        html = web.get("/").content.decode()

        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\s(style|on\w+)=", html)


class TestFleetFragment:
    def test_is_the_changing_part_only(self, web, three):
        html = web.get("/", headers=HTMX).content.decode()

        assert html.startswith('<div id="fleet"')
        assert "<html" not in html

    def test_sends_an_ended_session_to_the_log_in_page(self, db):
        response = Client().get("/", headers=HTMX)

        assert response.status_code == 200
        assert response["HX-Redirect"] == "/login/?next=/"
        assert response.content == b""

    def test_is_drawn_once_for_all_who_ask(self, web, three):
        web.get("/", headers=HTMX)
        with CaptureQueriesContext(connection) as queries:
            web.get("/", headers=HTMX)

        assert [q for q in queries if "agents_agent" in q["sql"]] == []

    def test_says_nothing_of_the_person(self, web, three):
        html = web.get("/", headers=HTMX).content.decode()

        assert "csrf" not in html
        assert "viewer" not in html

    def test_differs_by_rights(self, web, viewer):
        before = web.get("/", headers=HTMX).content
        viewer.user_permissions.add(Permission.objects.get(codename="add_agent"))

        assert web.get("/", headers=HTMX).content != before

    def test_polls_its_own_address(self, web, three):
        html = web.get("/?q=busy&sort=-cpu&status=", headers=HTMX).content.decode()

        assert 'data-hx-get="/?q=busy&amp;sort=-cpu"' in html


class TestHeadings:
    def test_turn_the_order_round_and_keep_the_filters(self):
        by_name = {heading.name: heading for heading in headings(FleetQuery(q="x", sort="-cpu"))}

        assert by_name["cpu"].address == "?q=x&sort=cpu"
        assert by_name["cpu"].direction == "descending"
        assert by_name["memory"].address == "?q=x&sort=-memory"
        assert by_name["memory"].direction == ""


class TestSparkline:
    def test_keeps_a_gap_a_gap(self):
        spark = Sparkline.of_percent([0, 50, None, 100, 100])

        assert spark is not None
        assert spark.line == "M0 23.5L28 12M84 0.5L112 0.5"
        assert spark.label == "0\u00a0% to 100\u00a0% in the last hour"

    def test_is_nothing_without_a_value(self):
        assert Sparkline.of_percent([None, None]) is None
