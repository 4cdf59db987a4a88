"""What ingest remembers: it saves look-ups, and never answers with what is out of date."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from agents import remembered, tokens
from agents.models import Agent, AgentToken
from metrics import ingest
from tests import factories
from tests.conftest import AgentApi

pytestmark = pytest.mark.django_db(transaction=True)


def send(agent_api: AgentApi) -> int:
    return agent_api.send(factories.sample(time.time())).status_code


def elsewhere(sql: str) -> None:
    """Write over a connection of somebody else's."""
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=10)
    other.execute(sql)
    other.commit()
    other.close()


class TestRefusal:
    def test_follows_at_once_what_this_thread_writes(self, agent_api: AgentApi):
        assert send(agent_api) == 200

        tokens.revoke(AgentToken.objects.get(), now=timezone.now())

        assert send(agent_api) == 401

    def test_follows_at_once_what_others_write(self, agent_api: AgentApi):
        assert send(agent_api) == 200

        elsewhere("UPDATE agents_agent SET enabled = 0")

        assert send(agent_api) == 401

    def test_follows_a_token_that_expires(self, agent: Agent, client):
        plain = factories.make_token(agent, expires_at=timezone.now() + timedelta(hours=1))
        found = []
        for hours in (0, 2):
            with ingest.group():
                moment = timezone.now() + timedelta(hours=hours)
                found.append(tokens.find(plain, now=moment) is not None)

        assert found == [True, False]


class TestState:
    def test_is_read_anew_where_others_wrote(self, agent_api: AgentApi):
        at = time.time()
        agent_api.send(factories.sample(at))

        elsewhere("UPDATE metrics_agentstate SET stored_until_ms = -1, latest_ms = NULL")
        agent_api.send(factories.sample(at - 5))

        with connection.cursor() as cursor:
            cursor.execute("SELECT stored_until_ms FROM metrics_agentstate")
            assert cursor.fetchone()[0] == round((at - 5) * 1000)


class TestForget:
    def test_an_undone_group_leaves_nothing_remembered(self, agent: Agent):
        plain = factories.make_token(agent)

        def use_and_fail() -> None:
            with ingest.group():
                AgentToken.objects.update(revoked_at=timezone.now())
                assert tokens.find(plain, now=timezone.now()) is None
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            use_and_fail()

        with ingest.group():
            assert tokens.find(plain, now=timezone.now()) is not None

    def test_too_many_rows_make_room(self, monkeypatch):
        monkeypatch.setattr(remembered, "ROWS_AT_MOST", 2)
        rows = remembered.Rows()

        for key in range(3):
            rows.keep(key, "row")

        assert dict(rows) == {2: "row"}
