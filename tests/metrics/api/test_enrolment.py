"""POST /api/v1/enrol/: a key becomes an agent and its token, exactly as often as allowed."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from agents import minting, tokens
from agents.models import Agent, EnrolmentKey
from metrics.api.enrolment import BODY_BYTES_MAXIMUM
from tests import factories

ENROL = "/api/v1/enrol/"


def post(content: Any, **extra: Any) -> HttpResponse:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    extra.setdefault("content_type", "application/json")
    return Client().post(ENROL, data, **extra)


@pytest.mark.django_db
class TestEnrol:
    def test_answers_with_the_new_agent_and_a_token_that_works(self):
        answer = post({"key": factories.make_enrolment_key(), "agent_id": "web-1"})

        told = answer.json()
        assert (answer.status_code, set(told)) == (201, {"agent_id", "token"})
        assert tokens.find(told["token"], now=timezone.now()).agent_id == "web-1"
        assert answer["Cache-Control"] == "no-store"

    def test_knows_no_session(self, admin):
        client = Client(enforce_csrf_checks=True)
        client.force_login(admin)
        body = {"key": minting.ENROL.mint(), "agent_id": "web-1"}

        answer = client.post(ENROL, body, content_type="application/json")

        assert answer.status_code == 401
        assert not answer.cookies

    def test_takes_only_addresses_of_the_keys_network(self):
        key = factories.make_enrolment_key(network="10.0.0.0/8")
        body = {"key": key, "agent_id": "web-1"}

        statuses = [post(body, REMOTE_ADDR=each).status_code for each in ("192.0.2.1", "10.0.0.9")]

        assert statuses == [401, 201]


@pytest.mark.django_db
class TestRefusals:
    def test_of_keys_are_all_the_same(self, agent):
        dead = {
            "revoked": {"revoked_at": timezone.now()},
            "expired": {"expires_at": timezone.now()},
            "used up": {"uses": 1},
            "elsewhere": {"network": "10.0.0.0/8"},
        }
        keys = {name: factories.make_enrolment_key(name=name) for name in dead}
        for name, change in dead.items():
            EnrolmentKey.objects.filter(name=name).update(**change)
        keys |= {"unknown": minting.ENROL.mint(), "mistyped": "x", "empty": "", "odd": "\x00é"}
        keys |= {"agent's": factories.make_token(agent), "reader's": factories.make_read_token()}

        answers = {name: post({"key": key, "agent_id": "web-2"}) for name, key in keys.items()}

        assert {
            (answer.status_code, answer.content, answer["WWW-Authenticate"])
            for answer in answers.values()
        } == {(401, answers["unknown"].content, "EnrolmentKey")}
        assert answers["unknown"].json()["code"] == "key"

    def test_of_a_taken_name_says_what_to_do_to_who_holds_a_key_only(self, agent):
        key = factories.make_enrolment_key()

        taken = post({"key": key, "agent_id": "web-1"})
        unknown = post({"key": minting.ENROL.mint(), "agent_id": "web-1"})

        assert (taken.status_code, taken.json()["code"]) == (409, "exists")
        assert "gen_token --agent-id web-1 --rotate" in taken.json()["detail"]
        assert unknown.status_code == 401
        assert post({"key": key, "agent_id": "web-2"}).status_code == 201

    @pytest.mark.parametrize("agent_id", ["", "Web", "a b", "../x", "a" * 64, "\u202e", "\x00"])
    def test_of_a_bad_agent_id_name_the_field(self, agent_id):
        answer = post({"key": factories.make_enrolment_key(), "agent_id": agent_id})

        assert (answer.status_code, answer.json()["field"]) == (422, "agent_id")
        assert EnrolmentKey.objects.get().uses == 0

    @pytest.mark.parametrize(
        ("data", "extra", "status", "code"),
        [
            (b"{", {}, 400, "body"),
            (b"\xff\xfe", {}, 400, "body"),
            (b'{"key": "\\ud800", "agent_id": "a"}', {}, 400, "body"),
            (b"[" * 4000, {}, 400, "body"),
            (b'{"key": "k"}', {}, 400, "body"),
            (b'{"key": 1, "agent_id": "a"}', {}, 400, "body"),
            (json.dumps({"key": "k" * 256, "agent_id": "a"}).encode(), {}, 400, "body"),
            (b"{}", {"content_type": "text/plain"}, 415, "content_type"),
            (b"{}", {"CONTENT_LENGTH": ""}, 411, "length"),
            (b"{}", {"CONTENT_LENGTH": "-1"}, 411, "length"),
            (b" " * (BODY_BYTES_MAXIMUM + 1), {}, 413, "too_large"),
        ],
        ids=str,
    )
    def test_of_a_body_say_what_is_wrong(self, data, extra, status, code):
        answer = post(data, **extra)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize("method", ["get", "put", "delete", "options"])
    def test_of_another_method_are_405(self, method):
        assert getattr(Client(), method)(ENROL).status_code == 405


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def enrolled(self, live_server, key: str, names: list[str]) -> list[int]:
        """Have every name enrol over a connection of its own; return the statuses."""
        host = urlsplit(live_server.url).netloc

        def enrol(name: str) -> int:
            connection = http.client.HTTPConnection(host, timeout=60)
            body = json.dumps({"key": key, "agent_id": name})
            connection.request("POST", ENROL, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
            connection.close()
            return status

        with ThreadPoolExecutor(len(names)) as threads:
            return sorted(threads.map(enrol, names))

    def test_get_in_as_often_as_the_key_allows(self, live_server):
        key = factories.make_enrolment_key(uses_allowed=5)

        statuses = self.enrolled(live_server, key, [f"web-{number}" for number in range(40)])

        assert statuses == [201] * 5 + [401] * 35
        assert Agent.objects.count() == EnrolmentKey.objects.get().uses == 5

    def test_get_one_name_once_and_spend_one_use_on_it(self, live_server):
        key = factories.make_enrolment_key(uses_allowed=12)

        statuses = self.enrolled(live_server, key, ["web-1"] * 12)

        assert statuses == [201] + [409] * 11
        assert EnrolmentKey.objects.get().uses == 1
