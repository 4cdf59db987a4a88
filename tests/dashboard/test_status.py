"""Public status pages: there for everybody if they are on, and telling no more than they may."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from agents.models import Agent, StatusPage, Tag
from dashboard import status
from dashboard.status import percent_text
from tests import factories
from tests.dashboard.samples import store_run

pytestmark = pytest.mark.django_db

SECRET = {
    "hostname": "host-of-mine",
    "os": "Debian 12",
    "kernel": "6.1.0-28",
    "agent_version": "0.1.0-rc9",
    "cpu_model": "EPYC 7313P",
    "cpu_count": 471_147,
    "memory_total_bytes": 137438953472,
    "address": "10.9.8.7",
    "notes": "in the cellar",
}


def make(agent_id: str, *, age_seconds: float | None = 0, **fields) -> Agent:
    """Return an agent of the shop, heard of so long ago."""
    agent = factories.make_agent(agent_id, **fields)
    if age_seconds is not None:
        store_run(agent, count=2, age_seconds=age_seconds)
    agent.tags.add(Tag.objects.get_or_create(name="shop")[0])
    return agent


def names(page: str) -> list[str]:
    return re.findall(r"<h2><bdi>(.*?)</bdi></h2>", page)


@pytest.fixture
def shop(db: None) -> StatusPage:
    return factories.make_status_page()


class TestStatusPage:
    def test_is_off_until_somebody_says_otherwise(self, db):
        tag = Tag.objects.create(name="shop")
        StatusPage.objects.create(title="Shop", slug="shop", tag=tag)

        assert Client().get("/status/shop/").status_code == 404

    def test_that_is_off_looks_like_one_that_is_not(self, db):
        factories.make_status_page("off", is_public=False)

        answers = [Client().get(f"/status/{slug}/") for slug in ("off", "none")]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content

    def test_ends_at_once_when_it_is_switched_off(self, shop):
        make("web-1")
        assert Client().get("/status/shop/").status_code == 200

        StatusPage.objects.update(is_public=False)

        assert Client().get("/status/shop/").status_code == 404

    def test_shows_the_agents_of_its_tag_and_no_other(self, shop):
        make("web-1")
        make("web-2", display_name="Till")
        store_run(factories.make_agent("db-1"), count=2)

        assert names(Client().get("/status/shop/").content.decode()) == ["Till", "web-1"]

    def test_tells_what_is_down_first_and_counts_it(self, shop):
        make("a-well")
        make("z-gone", age_seconds=3600)
        make("rests", enabled=False)
        make("new", age_seconds=None)

        text = Client().get("/status/shop/").content.decode()

        assert names(text) == ["z-gone", "a-well", "rests"]
        assert "1 of 2 is down" in text
        assert "<title>(1) Web shop" in text

    def test_says_so_where_nothing_is_watched(self, shop):
        assert "Nothing is watched here" in Client().get("/status/shop/").content.decode()

    def test_has_a_bar_for_each_day(self, shop):
        make("web-1")

        text = Client().get("/status/shop/").content.decode()

        assert len(re.findall(r'<rect class="day-', text)) == 90
        assert "100\xa0%" in text

    def test_escapes_names(self, shop):
        make("web-1", display_name="<script>alert(1)</script>")

        assert "<script>alert" not in Client().get("/status/shop/").content.decode()

    def test_costs_one_query_while_it_is_remembered(self, shop, django_assert_num_queries):
        make("web-1")
        Client().get("/status/shop/")

        with django_assert_num_queries(1):
            Client().get("/status/shop/")

    def test_lists_so_many_agents_and_counts_the_others(self, shop, monkeypatch):
        monkeypatch.setattr(status, "AGENTS_AT_MOST", 2)
        for number in range(5):
            make(f"web-{number}")

        text = Client().get("/status/shop/").content.decode()

        assert len(names(text)) == 2
        assert "3 more are not listed" in text
        assert "All 5 are up" in text


class TestLeaks:
    def test_nothing_else_of_an_agent(self, shop):
        agent = make("web-1", display_name="Till", **SECRET)
        agent.tags.add(Tag.objects.create(name="internal"))
        factories.make_token(agent)

        text = html.unescape(Client().get("/status/shop/").content.decode())

        told = [value for value in map(str, SECRET.values()) if value in text]
        assert told == []
        assert "web-1" not in text
        assert not re.search(
            r"internal|tara_|/agents/|/admin/|csrf|cpu|memory", text, re.IGNORECASE
        )

    def test_nothing_of_who_asks(self, shop, admin):
        make("web-1")
        person = Client()
        person.force_login(admin)

        own, public = (client.get("/status/shop/") for client in (person, Client()))

        assert own.content == public.content
        assert not public.cookies

    def test_no_words_that_a_page_of_ours_would_have_for_people(self, shop):
        text = Client().get("/status/shop/").content.decode()

        assert not re.search(r"log ?out|log ?in|password|shortcut", text, re.IGNORECASE)


class TestHeaders:
    def test_let_caches_keep_it_for_a_moment(self, shop):
        answer = Client().get("/status/shop/")

        assert answer["Cache-Control"] == "public, max-age=15"
        assert "default-src 'none'" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_take_no_other_method(self, shop, method):
        assert getattr(Client(), method)("/status/shop/").status_code == 405


class TestPercentText:
    @pytest.mark.parametrize(
        ("percent", "text"),
        [(100, "100"), (99.9999, "99.99"), (99.5, "99.50"), (0, "0.00")],
    )
    def test_is_never_rounded_up(self, percent, text):
        assert percent_text(percent) == f"{text}\xa0%"
