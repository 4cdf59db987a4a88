"""The part of the fleet's page that htmx asks for again."""

from __future__ import annotations

import gzip

import brotli
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.fleet import fragment
from tests.dashboard.samples import store_run
from tests.factories import make_agent

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
POLL = {**HTMX, "HX-Source": "div#fleet"}


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

    def test_reads_all_agents_once_for_every_filter(self, web, three):
        web.get("/", headers=HTMX)
        with CaptureQueriesContext(connection) as queries:
            web.get("/?q=calm", headers=HTMX)

        assert [q for q in queries if "metrics_agentstate" in q["sql"]] == []

    def test_is_not_sent_again_to_a_poll_while_it_is_the_same(self, web, three):
        first = web.get("/", headers=POLL)
        fragment.forget()
        again = web.get("/", headers={**POLL, "If-None-Match": first["ETag"]})
        store_run(make_agent("calm"), count=1, cpu_percent=77.0)
        fragment.forget()
        changed = web.get("/", headers={**POLL, "If-None-Match": first["ETag"]})

        assert [first.status_code, again.status_code, changed.status_code] == [200, 304, 200]
        assert again.content == b""
        assert changed["ETag"] != first["ETag"]

    def test_is_sent_to_a_filter_though_it_is_the_same(self, web, three):
        first = web.get("/", headers=POLL)
        asked = {**HTMX, "HX-Source": "form#filters", "If-None-Match": first["ETag"]}

        assert web.get("/", headers=asked).status_code == 200

    def test_puts_the_state_into_the_address_but_for_a_poll(self, web, three):
        by_form = web.get("/?q=busy&tag=&page=", headers={**HTMX, "HX-Source": "form#filters"})
        by_link = web.get("/", headers={**HTMX, "HX-Source": "a"})
        by_poll = web.get("/?q=busy", headers=POLL)

        assert by_form["HX-Push-Url"] == "/?q=busy"
        assert by_link["HX-Push-Url"] == "/"
        assert "HX-Push-Url" not in by_poll

    @pytest.mark.parametrize(
        ("taken", "coding", "unpack"),
        [
            ("gzip, deflate, br, zstd", "br", brotli.decompress),
            ("gzip, deflate", "gzip", gzip.decompress),
            ("br;q=0, gzip", "gzip", gzip.decompress),
            ("identity", None, bytes),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, POLL], ids=["page", "fragment"])
    def test_comes_as_its_reader_takes_it(self, web, three, headers, taken, coding, unpack):
        answer = web.get("/", headers={**headers, "Accept-Encoding": taken})

        assert answer.get("Content-Encoding") == coding
        assert 'class="row-link"' in unpack(answer.content).decode()
        assert "Accept-Encoding" in answer["Vary"]

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
