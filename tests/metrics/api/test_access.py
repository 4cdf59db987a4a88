"""Who may read: a live read token or a log-in. All others are told so in JSON, never led away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents import minting
from agents.models import ReadToken
from tests import factories
from tests.conftest import INGEST, AgentApi

pytestmark = pytest.mark.django_db
ADDRESSES = [
    *("agents/", "agents/web-1/", "agents/web-1/latest/", "agents/web-1/series/"),
    *("metrics/", "schema/"),
]


def bearing(token: str) -> Client:
    """Return a client that sends this token."""
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("path", ADDRESSES)
class TestReading:
    def test_is_for_read_tokens_and_people(self, agent, web, path):
        answers = [
            client.get(f"/api/v1/{path}") for client in (bearing(factories.make_read_token()), web)
        ]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert {answer["Cache-Control"] for answer in answers} == {"no-store"}

    def test_is_refused_alike_to_every_other_token(self, agent, path):
        revoked, expired = (factories.make_read_token(name) for name in ("revoked", "expired"))
        ReadToken.objects.filter(name="revoked").update(revoked_at=timezone.now())
        past = timezone.now() - timedelta(seconds=1)
        ReadToken.objects.filter(name="expired").update(expires_at=past)
        tokens = [revoked, expired, minting.READ.mint(), factories.make_token(agent), "x", ""]

        answers = [bearing(token).get(f"/api/v1/{path}") for token in tokens]

        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}

    def test_is_refused_to_nobody_in_json(self, client, path):
        answer = client.get(f"/api/v1/{path}")

        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"

    def test_is_not_writing(self, agent, path):
        client = bearing(factories.make_read_token())

        statuses = {
            getattr(client, method)(f"/api/v1/{path}").status_code
            for method in ("post", "put", "patch", "delete", "options")
        }

        assert statuses == {405}


class TestTokens:
    def test_of_readers_send_nothing(self, agent):
        client = AgentApi(HTTP_AUTHORIZATION=f"Bearer {factories.make_read_token()}")

        assert client.send(factories.sample(timezone.now().timestamp())).status_code == 401

    def test_that_are_bad_are_not_helped_by_a_session(self, web):
        answer = web.get("/api/v1/agents/", headers={"Authorization": "Bearer tara_read_x"})

        assert answer.status_code == 401

    def test_leave_a_mark_of_their_use(self):
        bearing(factories.make_read_token()).get("/api/v1/metrics/")

        assert ReadToken.objects.get().last_used_at is not None

    def test_are_read_whatever_the_case_of_bearer(self):
        token = factories.make_read_token()

        answer = Client().get("/api/v1/metrics/", headers={"Authorization": f"bEARER  {token} "})

        assert answer.status_code == 200


class TestUnknownAddress:
    @pytest.mark.parametrize("path", ["", "nothing/", "agents", "ingest", "agents/web-1"])
    def test_is_a_404_in_json_and_no_redirect(self, client, path):
        answers = [client.get(f"/api/v1/{path}"), bearing("x").post(f"/api/v1/{path}")]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert {answer.json()["code"] for answer in answers} == {"address"}

    def test_of_ingest_without_its_slash_redirects_no_agent(self, agent_api: AgentApi):
        answer = agent_api.post(INGEST.removesuffix("/"), b"{}", content_type="application/json")

        assert answer.status_code == 404
