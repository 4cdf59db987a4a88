"""Tasks leave a mark of their last run, and the marks say whether the worker lives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from metrics import jobs, runs
from metrics.models import JobRun

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@shared_task(base=jobs.Job)
def works() -> str:
    """Say what was done."""
    return "7 batches"


@shared_task(base=jobs.Job)
def fails() -> None:
    """Meet something unexpected."""
    raise KeyError("a secret that no page may show")


class TestJob:
    def test_notes_how_a_run_ended(self):
        works()

        run = JobRun.objects.get()
        assert (run.name, run.ok, run.detail) == (works.name, True, "7 batches")
        assert run.started_at <= run.finished_at

    def test_notes_the_kind_of_a_failure_and_lets_it_through(self):
        with pytest.raises(KeyError):
            fails()

        run = JobRun.objects.get()
        assert (run.ok, run.detail) == (False, "KeyError")
        assert run.finished_at is not None

    def test_keeps_one_row_a_task(self):
        for _ in range(3):
            works()

        assert JobRun.objects.count() == 1

    def test_runs_on_where_the_note_cannot_be_written(self, monkeypatch, caplog):
        def locked(**_: object) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(JobRun.objects, "update_or_create", locked)

        assert works() == "7 batches"
        assert "was not noted" in caplog.text


def note(name: str, *, started: timedelta, finished: timedelta | None) -> None:
    """Store a run that began and ended so long ago."""
    JobRun.objects.create(
        name=name,
        started_at=NOW - started,
        finished_at=None if finished is None else NOW - finished,
    )


class TestAlive:
    def test_is_a_worker_whose_heart_beat_lately(self):
        note(runs.HEARTBEAT, started=timedelta(seconds=179), finished=timedelta(seconds=179))

        assert runs.is_alive(now=NOW)

    def test_is_a_worker_that_is_busy(self):
        note(runs.HEARTBEAT, started=timedelta(minutes=9), finished=timedelta(minutes=9))
        note("metrics.tasks.seal", started=timedelta(minutes=8), finished=None)

        assert runs.is_alive(now=NOW)

    @pytest.mark.parametrize(
        ("name", "started", "finished"),
        [
            (runs.HEARTBEAT, timedelta(minutes=3), timedelta(minutes=3)),
            ("metrics.tasks.seal", timedelta(minutes=15), None),
            ("metrics.tasks.seal", timedelta(minutes=1), timedelta(0)),
        ],
        ids=["silent", "hanging", "another task"],
    )
    def test_is_no_other(self, name, started, finished):
        note(name, started=started, finished=finished)

        assert not runs.is_alive(now=NOW)

    def test_is_nobody_before_the_first_beat(self):
        assert not runs.is_alive(now=NOW)
