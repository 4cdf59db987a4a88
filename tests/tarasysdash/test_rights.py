"""Who may do what: every route of the server stands in this matrix, and does as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from agents import read_tokens, tokens
from agents.models import AgentToken, ReadToken, Tag
from tests import factories
from tests.tarasysdash.test_http import routes

pytestmark = pytest.mark.django_db


class Rights(NamedTuple):
    """What becomes of a request of each: "in" reaches the view, "login" is led to the log-in page.

    `staff` may see the admin and has no permission in it. A revoked token is anonymous that tried.
    """

    anonymous: str
    viewer: str
    staff: str
    superuser: str
    agent_token: str
    read_token: str
    revoked: str


EVERYBODY: Final = Rights(*["in"] * 7)
PERSON: Final = Rights("login", "in", "in", "in", "login", "login", "login")
PERSON_JSON: Final = Rights("401", "in", "in", "in", "401", "401", "401")
READER: Final = Rights("401", "in", "in", "in", "401", "in", "401")
AGENT: Final = Rights("401", "401", "401", "401", "in", "401", "401")
STAFF: Final = Rights("login", "login", "in", "in", "login", "login", "login")
PERMITTED: Final = Rights("login", "login", "403", "in", "login", "login", "login")

MODELS: Final = (
    *("agents/agent", "agents/enrolmentkey", "agents/readtoken", "agents/statuspage", "agents/tag"),
    *("auth/group", "auth/user"),
)

MATRIX: Final = {
    "": PERSON,
    "agents/<str:agent_id>/": PERSON,
    "agents/<str:agent_id>/data.json": PERSON_JSON,
    "agents/<str:agent_id>/events.json": PERSON_JSON,
    "agents/<str:agent_id>/outlook.json": PERSON_JSON,
    "agents/<str:agent_id>/watch/": PERSON_JSON,
    "api/v1/docs/": PERSON,
    "compare/": PERSON,
    "server/": PERMITTED._replace(viewer="403"),
    "logout/": PERSON,
    "password/": PERSON,
    "password/changed/": PERSON,
    "login/": EVERYBODY,
    "status/<slug:slug>/": EVERYBODY,
    "healthz": EVERYBODY,
    "api/v1/ingest/": AGENT,
    "api/v1/agents/": READER,
    "api/v1/agents/<str:agent_id>/": READER,
    "api/v1/agents/<str:agent_id>/latest/": READER,
    "api/v1/agents/<str:agent_id>/series/": READER,
    "api/v1/enrol/": EVERYBODY,  # the key in the body says who may
    "api/v1/metrics/": READER,
    "api/v1/schema/": READER,
    "api/v1/(?P<rest>.*)$": EVERYBODY,
    **{
        f"admin/{route}": STAFF
        for route in (
            *("", "jsi18n/", "password_change/done/"),
            *("r/<path:content_type_id>/<path:object_id>/", "(?P<app_label>auth|agents)/$"),
            "(?P<url>.*)$",
        )
    },
    "admin/login/": EVERYBODY,
    "admin/logout/": PERSON,  # leads to ours, as the next one does
    "admin/password_change/": PERSON,
    "admin/autocomplete/": PERMITTED._replace(superuser="403"),  # no form here asks for anything
    **{
        f"admin/{model}/{route}": PERMITTED
        for model in MODELS
        for route in (
            *("", "add/", "<path:object_id>/history/", "<path:object_id>/delete/"),
            "<path:object_id>/change/",
        )
    },
    # Shows nothing; leads to the form, which asks.
    **{f"admin/{model}/<path:object_id>/": STAFF for model in MODELS},
    "admin/auth/user/<id>/password/": PERMITTED,
    "admin/agents/agent/<int:pk>/issue/": PERMITTED,
    "admin/agents/agent/<int:pk>/rotate/": PERMITTED,
    "admin/agents/agent/<int:pk>/revoke/<int:token_pk>/": PERMITTED,
    "admin/agents/readtoken/<int:pk>/revoke/": PERMITTED,
    "admin/agents/enrolmentkey/<int:pk>/revoke/": PERMITTED,
}


class Everybody(NamedTuple):
    """Makes a client of each, in the order of `Rights`."""

    make: dict[str, Callable[[], Client]]


def bearing(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def everybody(agent) -> Everybody:
    """One of each, and the agent, tag and tokens that addresses name by the number 1."""
    agent_token, read_token, revoked = (
        factories.make_token(agent),
        factories.make_read_token(),
        factories.make_read_token("revoked"),
    )
    Tag.objects.create(name="prod")
    Group.objects.create(name="operators")
    read_tokens.revoke(ReadToken.objects.get(name="revoked"), now=timezone.now())
    factories.make_enrolment_key()
    factories.make_status_page(slug="1")
    old = factories.make_token(agent)
    tokens.revoke(AgentToken.objects.order_by("pk").last(), now=timezone.now())
    people = {
        "viewer": User.objects.create_user("viewer"),
        "staff": User.objects.create_user("staff", is_staff=True),
        "superuser": User.objects.create_superuser("root"),
    }
    return Everybody(
        {
            "anonymous": Client,
            **{name: lambda user=user: logged_in(user) for name, user in people.items()},
            "agent_token": lambda: bearing(agent_token),
            "read_token": lambda: bearing(read_token),
            "revoked": lambda: bearing(revoked),
            "revoked agent": lambda: bearing(old),
        }
    )


NOT_TAKEN: Final = "405"
"""A method that the view does not take, which may be said before anybody is asked who they are."""


def outcome(answer: HttpResponseBase) -> str:
    """Return what became of a request, in the words of `Rights`."""
    if answer.status_code in {401, 403, 405}:
        return str(answer.status_code)
    location = answer.headers.get("Location", "")
    # With `next`, because the admin's own log-in address only leads on to ours.
    is_led = answer.status_code == 302 and re.match(r"/(admin/)?login/\?next=", location)
    return "login" if is_led else "in"


def address_of(route: str) -> str:
    """Return an address that the route takes."""
    filled = re.sub(r"<str:agent_id>", "web-1", route).replace("(?P<app_label>auth|agents)", "auth")
    return "/" + re.sub(r"<[^>]+>|\(\?P.*?\)", "1", filled).removesuffix("$")


class TestMatrix:
    def test_has_every_route_and_no_other(self):
        assert set(routes(get_resolver())) == set(MATRIX)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_what_happens(self, everybody: Everybody, method):
        wrong = {}
        for route, rights in MATRIX.items():
            expected = {**rights._asdict(), "revoked agent": rights.revoked}
            found = {
                name: outcome(getattr(make(), method)(address_of(route)))
                for name, make in everybody.make.items()
            }
            differing = {
                name: (each, expected[name])
                for name, each in found.items()
                if each not in {expected[name], NOT_TAKEN}
            }
            if differing:
                wrong[route] = differing

        assert wrong == {}
