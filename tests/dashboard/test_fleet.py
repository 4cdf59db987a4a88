"""The list of agents, as a client without scripts and as htmx see it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Tag
from dashboard.fleet import fragment
from dashboard.fleet.state import HIGH_PERCENT
from metrics import layouts
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
POLL = {**HTMX, "HX-Source": "div#fleet"}
NAMES = re.compile(r'class="row-link"[^>]*><bdi>([^<]+)</bdi>')


def names(response) -> list[str]:
    return NAMES.findall(response.content.decode())


class TestFleetPage:
    def test_asks_for_a_log_in(self, db):
        response = Client().get("/?q=x")

        assert response.status_code == 302
        assert response["Location"] == "/login/?next=/%3Fq%3Dx"

    def test_shows_the_latest_figures_of_each_agent(self, web, three):
        html = web.get("/").content.decode().replace("\u00a0", " ")

        assert names(web.get("/")) == ["busy", "quiet", "Calm one"]
        assert "42 %" in html
        assert "8 cores" in html
        assert "91 %" in html  # the fullest disk
        assert "250 GB" in html
        assert "10 Mbit/s" in html  # both interfaces together
        assert "5 Mbit/s" in html

    def test_says_where_a_machine_is_and_not_its_name_twice(self, web, db):
        make_agent("web-7")
        make_agent("web-8", display_name="The shop")
        make_agent("web-9", hostname="shop-9.example")

        html = web.get("/").content.decode()

        assert re.findall(r"<small title=[^>]*><bdi>(w[^<]*|s[^<]*)</bdi>", html) == [
            *("web-8", "shop-9.example"),
        ]

    def test_adds_up_what_all_use(self, web, three):
        html = web.get("/").content.decode().replace("\u00a0", " ")

        assert "4.4 GiB of 10 GiB" in html
        assert "275 GB of 330 GB" in html
        assert "84 %" in html  # of what may be used, as each disk counts
        assert re.findall(r"<b>(\d+)</b> (\w+)", html) == [
            *(("1", "up"), ("1", "warning"), ("0", "down"), ("1", "waiting")),
        ]

    def test_draws_the_hour_of_all_agents_and_not_only_those_of_the_page(self, web, db):
        make_fleet(150)
        store_run(make_agent("zeta"), count=2, cpu_percent=20.0)
        store_run(make_agent("zeus"), count=2, cpu_percent=40.0)

        html = web.get("/?sort=name").content.decode().replace("\u00a0", " ")

        assert "zeta" not in html
        assert 'aria-label="CPU 30 % to 30 % in the last hour"' in html

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
            fragment.forget()
            layouts.forget()
            with CaptureQueriesContext(connection) as queries:
                web.get("/")
            return len(queries)

        assert cost(3) == cost(30) == 11

    def test_costs_the_same_queries_for_250_agents(self, web, db):
        make_fleet(250)

        with CaptureQueriesContext(connection) as queries:
            html = web.get("/").content.decode()

        assert html.count("<tr class=") == 100
        assert len(queries) == 11

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=10.0.0.9", ["busy"]),
            ("q=CALM", ["Calm one"]),
            ("q=lab busy", ["busy"]),
            ("tag=lab", ["busy"]),
            ("system=Alpine+3.21", ["Calm one"]),
            ("status=waiting", ["quiet"]),
            ("status=warning", ["busy"]),
            ("status=up", ["Calm one"]),
            ("sort=-cpu", ["busy", "Calm one", "quiet"]),
            ("sort=cpu", ["Calm one", "busy", "quiet"]),
            ("sort=name", ["busy", "Calm one", "quiet"]),
            ("sort=-name", ["quiet", "Calm one", "busy"]),
            ("sort=-worst", ["Calm one", "quiet", "busy"]),
            ("sort=tags", ["busy", "Calm one", "quiet"]),
            ("sort=-network", ["busy", "Calm one", "quiet"]),
            ("sort=-hour", ["busy", "Calm one", "quiet"]),
            ("sort=hour", ["Calm one", "busy", "quiet"]),
            ("sort=seen", ["busy", "Calm one", "quiet"]),
            ("status=nonsense&sort=nonsense&tag=nonsense&page=x", ["busy", "quiet", "Calm one"]),
            ("page=9999999999999999999999", ["busy", "quiet", "Calm one"]),
            ("page=-1", ["busy", "quiet", "Calm one"]),
        ],
    )
    def test_filters_and_sorts_by_the_address(self, web, three, query, expected):
        assert names(web.get(f"/?{query}")) == expected

    def test_says_why_an_agent_is_a_warning(self, web, three):
        html = web.get("/?status=warning").content.decode().replace("\u00a0", " ")

        assert 'title="/var"' in html
        assert '<span class="meter-value is-high">91 %</span>' in html

    def test_keeps_the_filters_in_every_link(self, web, three):
        html = web.get("/?tag=lab&sort=-cpu").content.decode()

        assert 'href="?tag=lab&amp;sort=-disk"' in html
        assert 'href="?tag=lab&amp;status=warning&amp;sort=-cpu"' in html

    def test_pages_through_many(self, web, db):
        make_fleet(250)

        first = web.get("/?sort=name")
        last = web.get("/?sort=name&page=3")

        assert names(first)[0] == "machine-0000"
        assert names(last)[0] == "machine-0200"
        assert len(names(last)) == 50
        assert 'rel="prev" href="?sort=name&amp;page=2"' in last.content.decode()
        assert "250 of 250, page 3 of 3" in last.content.decode()

    def test_orders_all_agents_and_not_only_those_of_the_page(self, web, db):
        make_fleet(250)
        store_run(make_agent("zeta"), count=2, cpu_percent=99.5)

        assert names(web.get("/?sort=-cpu"))[0] == "zeta"
        assert names(web.get("/"))[0] == "zeta"

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

    @pytest.mark.parametrize("value", [1e18, -1e18])
    def test_takes_any_number_that_an_agent_may_send(self, web, agent, value):
        store_run(
            agent,
            count=2,
            cpu_percent=value,
            disk_percent={"/": value},
            network_received_bytes_per_second={"eth0": value, "eth1": value},
        )

        assert names(web.get("/")) == ["web-1"]

    def test_takes_no_inline_script_or_style(self, web, three):
        html = web.get("/").content.decode()

        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\s(style|on\w+)=", html)


class TestStates:
    @pytest.mark.parametrize("metric", ["cpu_percent", "memory_percent"])
    @pytest.mark.parametrize(
        ("share", "expected"), [(HIGH_PERCENT, "warning"), (HIGH_PERCENT - 0.1, "up")]
    )
    def test_are_the_same_in_the_row_and_in_the_tile(self, web, agent, metric, share, expected):
        store_run(agent, count=1, **{metric: share})

        html = web.get("/").content.decode()

        assert f"agent-row agent-{expected}" in html
        assert f"<b>1</b> {expected}" in html
