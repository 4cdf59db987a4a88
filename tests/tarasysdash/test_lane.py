"""The agents' lane: what ingest answers when it cannot go on, so that no agent gives samples up."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection

from metrics.models import Batch
from tests import factories
from tests.conftest import AgentApi

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Have SQLite wait for a lock 50 ms, not 20 s."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
    yield
    connection.close()


class TestDatabaseFault:
    def test_a_locked_database_is_a_503_that_says_when_to_come_back(
        self, agent_api: AgentApi, impatient, caplog
    ):
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        answer = agent_api.send(factories.sample(time.time()))

        other.execute("ROLLBACK")
        other.close()
        assert (answer.status_code, answer.json()["code"]) == (503, "database")
        assert int(answer["Retry-After"]) > 0
        assert "locked" in caplog.text
        assert "Traceback" not in caplog.text

    def test_a_full_database_is_a_503_and_goes_on_when_there_is_room(
        self, agent_api: AgentApi, impatient
    ):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count={cursor.fetchone()[0]}")
        now = time.time()
        cores = {str(core): 1.0 for core in range(500)}
        large = [factories.sample(now - 60 + step, cpu_core_percent=cores) for step in range(60)]
        answers = [agent_api.send(sample) for sample in large]
        full = [answer for answer in answers if answer.status_code != 200]

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count=1073741823")
        again = agent_api.send(factories.sample(now))

        assert full
        assert {answer.status_code for answer in full} == {503}
        assert again.json()["accepted"] == 1
        assert Batch.objects.count() == len(answers) - len(full) + 1


class TestUnreadableBody:
    def test_a_body_that_ends_early_harms_nobody_else(self, live_server, agent_api: AgentApi):
        host, port = urlsplit(live_server.url).hostname, urlsplit(live_server.url).port
        head = (
            f"POST /api/v1/ingest/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Authorization: {agent_api.defaults['HTTP_AUTHORIZATION']}\r\n"
            "Content-Length: 500\r\n\r\n{"
        )
        with socket.create_connection((host, port)) as hanging:
            hanging.sendall(head.encode())

            answer = agent_api.send(factories.sample(time.time()))

        assert answer.status_code == 200
