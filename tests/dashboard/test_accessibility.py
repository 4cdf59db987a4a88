"""Every page there is, on desks and phones, in both themes, through axe and on a strict console."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.urls import get_resolver, resolve
from playwright.sync_api import Page

from agents.models import Agent, EnrolmentKey, ReadToken, Tag
from tests import factories
from tests.dashboard.axe import problems
from tests.dashboard.samples import make_fleet, store_run
from tests.factories import make_agent
from tests.tarasysdash.test_http import routes

pytestmark = pytest.mark.browser
Act = Callable[[Page], None]


class Visit(NamedTuple):
    """A page at `path`, whose braces name rows, as `who` sees it once `act` was done there."""

    path: str
    act: Act | None = None
    who: str = "admin"


def press(name: str) -> Act:
    """Return what presses the first button of this name."""
    return lambda page: page.get_by_role("button", name=name).first.click()


def wait_for(selector: str) -> Act:
    """Return what waits until this is there."""
    return lambda page: page.wait_for_selector(selector) and None


def refused_form(page: Page) -> None:
    """Save the form as it is: empty, so that it comes back with errors."""
    page.evaluate(
        "document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"
    )
    page.locator("input[name=_save]").first.click()


def wrong_password(page: Page) -> None:
    """Try to log in with a password that is wrong."""
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()


def without_cookies(page: Page) -> None:
    """Send the form after its cookies are gone, as a browser does that keeps none."""
    page.context.clear_cookies()
    page.evaluate("document.querySelector('main form, .login form').requestSubmit()")


def admin_pages(model: str, row: str) -> dict[str, Visit]:
    """Return the five pages that the admin has of a model, and one that comes back."""
    return {
        f"{row} list": Visit(f"/admin/{model}/"),
        f"{row} add": Visit(f"/admin/{model}/add/", refused_form),
        f"{row} change": Visit(f"/admin/{model}/{{{row}}}/change/"),
        f"{row} delete": Visit(f"/admin/{model}/{{{row}}}/delete/"),
        f"{row} history": Visit(f"/admin/{model}/{{{row}}}/history/"),
    }


AREAS: Final = {
    "outside": {
        "log in": Visit("/login/", who="nobody"),
        "log in, refused": Visit("/login/", wrong_password, who="nobody"),
        "status": Visit("/status/shop/", who="nobody"),
        "status of nothing": Visit("/status/none/", who="nobody"),
    },
    "account": {
        "password": Visit("/password/"),
        "password changed": Visit("/password/changed/"),
        "log out": Visit("/logout/"),
        "not found": Visit("/agents/nobody/"),
        "forbidden": Visit("/server/", who="viewer"),
        "shortcuts": Visit("/", lambda page: page.keyboard.press("?")),
        "api": Visit("/api/v1/docs/"),
        "server": Visit("/server/"),
        "cookies refused": Visit("/password/", without_cookies, who="viewer"),
    },
    "fleet": {
        "fleet": Visit("/"),
        "no match": Visit("/?q=nothing"),
        "agent": Visit("/agents/web-1/", wait_for("#chart-custom-queue_length canvas")),
        "waiting": Visit("/agents/quiet/"),
        "down": Visit("/agents/gone/?range=1h", wait_for(".chart")),
    },
    "compare": {
        "heat map": Visit("/compare/"),
        "heat map of a rate": Visit("/compare/?metric=received"),
        "ranking": Visit("/compare/?view=rank"),
        "small charts": Visit("/compare/?view=small"),
        "one chart": Visit("/compare/?view=chart"),
        "nothing to compare": Visit("/compare/?view=rank&metric=steal"),
    },
    "admin": {
        "index": Visit("/admin/"),
        "index of an app": Visit("/admin/agents/"),
        "password done": Visit("/admin/password_change/done/"),
        "a user's password": Visit("/admin/auth/user/{user}/password/"),
        "token": Visit("/admin/agents/agent/{agent}/change/", press("Rotate the token")),
    },
    "admin agents": admin_pages("agents/agent", "agent"),
    "admin keys": admin_pages("agents/enrolmentkey", "key")
    | {"nothing matches": Visit("/admin/agents/enrolmentkey/?q=nothing")},
    "admin read tokens": admin_pages("agents/readtoken", "token"),
    "admin status pages": admin_pages("agents/statuspage", "page"),
    "admin tags": admin_pages("agents/tag", "tag"),
    "admin groups": admin_pages("auth/group", "group"),
    "admin users": admin_pages("auth/user", "user"),
}

NOT_PAGES: Final = {
    "answers programs": r"api/v1/(?!docs/).*|.*\.json|healthz|.*/watch/",
    "answers scripts": r"admin/(jsi18n|autocomplete)/",
    "leads elsewhere": r"admin/(login|logout|password_change)/|admin/r/.*",
    "leads to the form": r"admin/\w+/\w+/<path:object_id>/",
    "takes a POST": r"admin/.*/(issue|rotate|revoke|revoke/<int:token_pk>)/",
    "is not there": r"admin/\(\?P<url>\.\*\)\$",
}
"""Routes without a page of their own, and why."""

EXPECTED: Final = (
    r"the server responded with a status of 40[0-9]",
    # Of a form of Django's own, which names the user in a field that nobody sees.
    r"^verbose: \[DOM\] Input elements should have autocomplete attributes",
    # What was typed into has the focus when the form comes back.
    r"^info: Autofocus processing was blocked",
)


def take_out_expected(told: list[str]) -> None:
    """Forget what Chromium says of pages that are refused on purpose."""
    told[:] = [text for text in told if not any(re.search(each, text) for each in EXPECTED)]


@pytest.fixture
def rows(transactional_db, admin) -> dict[str, int]:
    """One agent of each state, one row of everything that the admin knows; their keys by name."""
    web = make_agent("web-1", os="Debian 12", cpu_count=8, address="10.0.0.9")
    store_run(web, count=20)
    store_run(make_agent("gone"), count=3, age_seconds=1500)
    make_agent("quiet")
    make_agent("resting", enabled=False)
    factories.make_token(web)
    factories.make_enrolment_key(name="rollout")
    factories.make_read_token()
    page = factories.make_status_page(slug="shop", tag="shop")
    tag = Tag.objects.get(name="shop")
    web.tags.add(tag)
    return {
        "agent": web.pk,
        "key": EnrolmentKey.objects.get().pk,
        "token": ReadToken.objects.get().pk,
        "page": page.pk,
        "tag": tag.pk,
        "group": Group.objects.create(name="operators").pk,
        "user": admin.pk,
    }


class TestTable:
    def test_has_every_page_that_there_is(self):
        keys = dict.fromkeys(("agent", "key", "token", "page", "tag", "group", "user"), 1)
        paths = [visit.path.format(**keys) for area in AREAS.values() for visit in area.values()]
        visited = {resolve(path.partition("?")[0]).route for path in paths}

        missing = {
            route
            for route in set(routes(get_resolver())) - visited
            if not any(re.fullmatch(pattern, route) for pattern in NOT_PAGES.values())
        }

        assert missing == set()


@pytest.mark.parametrize("area", AREAS)
class TestPages:
    def test_pass_axe_and_fit_the_window(self, open_page, rows, admin, viewer, told, area):
        people: dict[str, User | None] = {"admin": admin, "viewer": viewer, "nobody": None}
        found = {}
        for name, visit in AREAS[area].items():
            page = open_page(visit.path.format(**rows), user=people[visit.who])
            if visit.act is not None:
                visit.act(page)
                page.wait_for_load_state()
            found[name] = problems(page)
            page.close()
        take_out_expected(told)

        assert {name: each for name, each in found.items() if each} == {}


class TestOtherStates:
    def test_the_empty_fleet_passes_axe(self, open_page, admin, transactional_db):
        assert problems(open_page("/", user=admin)) == []

    def test_an_empty_comparison_passes_axe(self, open_page, admin, transactional_db):
        assert problems(open_page("/compare/", user=admin)) == []

    def test_an_empty_list_of_the_admin_passes_axe(self, open_page, admin, transactional_db):
        assert problems(open_page("/admin/agents/readtoken/", user=admin)) == []

    def test_a_fleet_of_several_pages_passes_axe(self, open_page, admin, transactional_db):
        make_fleet(101)

        assert problems(open_page("/?sort=name&page=2", user=admin)) == []

    def test_a_deleted_agents_page_passes_axe(self, open_page, rows, admin, told):
        page = open_page("/agents/web-1/", user=admin)
        Agent.objects.get(agent_id="web-1").delete()
        page.reload()

        assert problems(page) == []
        take_out_expected(told)

    def test_an_opened_table_and_menu_pass_axe(self, open_page, rows, admin):
        page = open_page("/agents/web-1/", user=admin)
        page.click("#chart-cpu .chart-table-button")
        page.click(".person summary")

        assert problems(page) == []
