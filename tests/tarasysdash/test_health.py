"""GET /healthz: all is well or not, cheaply, to anybody, and nothing more."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.utils import timezone

from metrics import runs
from metrics.models import JobRun
from tarasysdash import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch) -> None:
    """A process that has told of nothing yet."""
    monkeypatch.setattr(health, "_told", set())


@pytest.fixture
def alive() -> None:
    """A worker whose heart beat just now."""
    now = timezone.now()
    JobRun.objects.create(name=runs.HEARTBEAT, started_at=now, finished_at=now)


class TestHealthz:
    def test_says_ok_to_anybody_in_one_query(self, client, alive, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer = client.get("/healthz", headers={"Host": "10.0.0.7"})

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies

    def test_says_that_the_worker_is_silent(self, client):
        answer = client.get("/healthz")

        assert answer.status_code == 503
        assert answer.json() == {"status": "failing", "failing": ["worker"]}

    def test_says_that_the_database_does_not_answer_and_not_why(self, client, monkeypatch):
        def broken(**_: object) -> bool:
            raise OperationalError("unable to open /a/secret/path")

        monkeypatch.setattr("tarasysdash.health.is_alive", broken)

        answer = client.get("/healthz")

        assert answer.status_code == 503
        assert answer.json() == {"status": "failing", "failing": ["database"]}

    def test_logs_what_fails_and_that_it_is_well_again_once_each(self, client, caplog):
        for _ in range(3):
            client.get("/healthz")
        now = timezone.now()
        JobRun.objects.create(name=runs.HEARTBEAT, started_at=now, finished_at=now)
        for _ in range(3):
            client.get("/healthz")

        assert [record.getMessage() for record in caplog.records] == [
            "/healthz: the worker has not run lately",
            "/healthz: all is well again",
        ]

    def test_logs_a_fault_of_its_own_with_the_traceback(self, client, monkeypatch, caplog):
        def faulty(**_: object) -> bool:
            raise ZeroDivisionError

        monkeypatch.setattr("tarasysdash.health.is_alive", faulty)
        client.raise_request_exception = False

        assert client.get("/healthz").status_code == 500
        assert "ZeroDivisionError" in caplog.text

    def test_takes_head_and_no_post(self, client, alive):
        assert client.head("/healthz").status_code == 200
        assert client.post("/healthz").status_code == 405
