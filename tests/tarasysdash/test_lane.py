"""The agents' lane: what ingest answers when it cannot go on, so that no agent gives samples up."""

from __future__ import annotations

import http.client
import io
import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from metrics.models import Batch
from tarasysdash import lane
from tests import factories
from tests.conftest import INGEST, AgentApi

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
            # Other tests have left free pages, which are room as well.
            cursor.executescript("PRAGMA incremental_vacuum")
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


class TestSlowSender:
    def test_holds_up_nobody_else(self, live_server, agent_api: AgentApi):
        server = urlsplit(live_server.url)
        token = agent_api.defaults["HTTP_AUTHORIZATION"]
        head = (
            f"POST {INGEST} HTTP/1.1\r\nHost: {server.netloc}\r\nAuthorization: {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
        body = json.dumps(factories.body(factories.sample(time.time()))).encode()
        headers = {"Authorization": token, "Content-Type": "application/json"}

        # Both through the same server: only there do they meet in the same line.
        with socket.create_connection((server.hostname, server.port)) as slow:
            slow.sendall(head.encode())
            time.sleep(0.3)
            other = http.client.HTTPConnection(server.netloc, timeout=5)
            other.request("POST", INGEST, body, headers)
            status = other.getresponse().status
            other.close()

        assert status == 200


class Broken(io.BytesIO):
    """A body whose sender hangs up."""

    def read(self, *_: object) -> bytes:
        raise OSError("connection reset by peer")


class TestUnreadableBody:
    def test_is_a_400_that_says_what_is_missing(self, agent_api: AgentApi):
        answer = agent_api.send_raw(b"{}", **{"wsgi.input": Broken()})

        assert (answer.status_code, answer.json()["code"]) == (400, "body")


class TestGroup:
    def requests(self, api: AgentApi, count: int) -> list[HttpRequest]:
        at = time.time()
        bodies = [factories.body(factories.sample(at + place)) for place in range(count)]
        return [
            RequestFactory().post(
                INGEST,
                json.dumps(body),
                content_type="application/json",
                headers={"Authorization": api.defaults["HTTP_AUTHORIZATION"]},
            )
            for body in bodies
        ]

    def test_is_one_commit(self, agent_api: AgentApi):
        with CaptureQueriesContext(connection) as captured:
            answers = lane.answer(self.requests(agent_api, 5))

        assert [json.loads(answer.content)["accepted"] for answer in answers] == [1] * 5
        assert sum("COMMIT" in query["sql"] for query in captured.captured_queries) == 1
        assert Batch.objects.count() == 5

    def test_one_that_fails_costs_the_others_nothing(self, agent_api: AgentApi, caplog):
        requests = self.requests(agent_api, 3)
        broken = requests[1]

        def view(request: HttpRequest) -> HttpResponse:
            response = lane.ingest_view(request)
            if request is broken:
                raise ZeroDivisionError
            return response

        answers = lane.answer(requests, view=view)

        assert [answer.status_code for answer in answers] == [200, 500, 200]
        assert Batch.objects.count() == 2


class TestForgottenLayout:
    def test_is_made_again_and_the_sample_is_stored(self, agent_api: AgentApi):
        """Retention drops layouts in another process, which this one still remembers."""
        agent_api.send(factories.sample(time.time() - 20, queue_length=1.0))
        agent_api.send(factories.sample(time.time() - 10, cpu_percent=1.0))
        other = sqlite3.connect(connection.settings_dict["NAME"])
        with other:
            other.execute("DELETE FROM metrics_batch")
            other.execute(
                "DELETE FROM metrics_layout WHERE id = (SELECT min(id) FROM metrics_layout)"
            )
        other.close()

        answer = agent_api.send(factories.sample(time.time(), queue_length=2.0))

        assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
        assert Batch.objects.count() == 1
