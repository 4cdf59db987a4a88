"""Which of Bootstrap's styles a page loads, and that it needs no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from tarasysdash.staticfinder import node_modules
from tests.dashboard.samples import store_run
from tests.factories import make_agent, make_status_page

BOOTSTRAP = node_modules() / "bootstrap/dist/css"
OUR_FOLDER = Path("dashboard/static/dashboard/css")
BY_CRISPY = ["/compare/", "/login/", "/password/"]
PLAIN = [
    *("/", "/agents/web-1/", "/agents/quiet/", "/server/", "/logout/", "/password/changed/"),
    *("/api/v1/docs/", "/agents/nobody/", "/status/shop/"),
]


def classes_of(css: str) -> set[str]:
    return set(re.findall(r"\.([a-z][\w-]*)", css))


@pytest.fixture
def html_of(web: Client, admin):
    store_run(make_agent("web-1"), count=3)
    make_agent("quiet")
    make_status_page()
    web.force_login(admin)
    return lambda path: (Client() if path == "/login/" else web).get(path).content.decode()


class TestStyles:
    @pytest.mark.parametrize("path", PLAIN)
    def test_a_page_without_a_crispy_form_loads_the_reboot_and_needs_no_more(self, html_of, path):
        html = html_of(path)

        used = {name for text in re.findall(r'class="([^"]*)"', html) for name in text.split()}
        theirs = classes_of((BOOTSTRAP / "bootstrap.min.css").read_text())
        loaded = re.findall(r"dashboard/css/(\w+\.css)", html)
        ours = classes_of("".join((OUR_FOLDER / name).read_text() for name in loaded))
        assert "bootstrap-reboot.min.css" in html
        assert "bootstrap.min.css" not in html
        assert (used & theirs) - ours == set()

    @pytest.mark.parametrize("path", BY_CRISPY)
    def test_a_page_with_one_loads_all_of_bootstrap(self, html_of, path):
        assert "bootstrap.min.css" in html_of(path)
