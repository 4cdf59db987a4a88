"""The title of the fleet's page tells what is down, whatever is filtered, and follows the polls."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from dashboard.fleet import fragment
from metrics.models import AgentState
from tests.dashboard.samples import store_run
from tests.factories import make_agent

NOTHING_DOWN = "^Agents . taraSysDash$"


def go_down(*names: str) -> None:
    for name in names:
        store_run(make_agent(name), count=1, age_seconds=3600)


def title(web: Client, address: str = "/") -> str:
    found = re.search("<title>(.*)</title>", web.get(address).content.decode())
    return found[1] if found else ""


@pytest.mark.django_db
class TestTitle:
    def test_says_nothing_where_nothing_is_down(self, web):
        store_run(make_agent("well"), count=1)
        make_agent("waiting")
        make_agent("resting", enabled=False)

        assert re.search(NOTHING_DOWN, title(web))

    @pytest.mark.parametrize(
        ("names", "start"),
        [
            (["janus"], "(1) janus down "),
            (["janus", "nyx"], "(2) janus, nyx down "),
            (["janus", "nyx", "rhea", "styx"], "(4) janus, nyx and 2 more down "),
        ],
        ids=["one", "two", "four"],
    )
    def test_counts_and_names_what_is_down(self, web, names, start):
        go_down(*names)

        assert title(web).startswith(start)

    def test_is_of_all_agents_whatever_is_filtered(self, web):
        go_down("janus")

        assert title(web, "/?q=nothing").startswith("(1) janus down ")

    def test_is_escaped(self, web):
        go_down("janus")
        make_agent("janus", display_name="</title><b>")

        page = web.get("/").content.decode()
        assert "</title><b>" not in page
        assert "(1) &lt;/title&gt;&lt;b&gt; down" in page


@pytest.mark.browser
class TestTitleInChromium:
    @pytest.mark.parametrize("address", ["/", "/?q=other"], ids=["all", "filtered"])
    def test_follows_a_poll(self, open_page, viewer, transactional_db, address):
        store_run(make_agent("janus"), count=3)
        page = open_page(address, user=viewer)
        expect(page).to_have_title(re.compile(NOTHING_DOWN))

        AgentState.objects.update(deadline_ms=1)
        fragment.forget()
        page.evaluate("window.dispatchEvent(new Event('online'))")

        expect(page).to_have_title(re.compile(r"^\(1\) janus down "))
