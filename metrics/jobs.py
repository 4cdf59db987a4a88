"""The worker's tasks, each of which leaves a mark of its last run; and whether the worker lives."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from celery import Task
from django.db import DatabaseError
from django.utils import timezone

from metrics.models import JobRun

HEARTBEAT: Final = "metrics.tasks.heartbeat"
SILENT_AT_MOST: Final = timedelta(minutes=3)
RUN_AT_MOST: Final = timedelta(minutes=15)
"""How long a task may hold up the heartbeat: the worker does one after the other."""

DETAIL_MAXIMUM: Final = 200

logger = logging.getLogger(__name__)


class Job(Task):
    """A task that notes when it ran, how that ended, and how long it had waited.

    `@shared_task(base=Job)`. What the task returns as text, or the error that ended it, is kept
    beside. A note that cannot be written never fails the task.
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Publish, with the moment in the message's headers."""
        headers = {**(options.pop("headers", None) or {}), "published_at": time.time()}
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and note it."""
        started_at = timezone.now()
        note_start(self.name, at=started_at, lag_seconds=self._lag_seconds(started_at))
        try:
            result = super().__call__(*args, **kwargs)
        except Exception as error:
            note_end(self.name, at=timezone.now(), ok=False, detail=type(error).__name__)
            raise
        note_end(self.name, at=timezone.now(), ok=True, detail=str(result or ""))
        return result

    def _lag_seconds(self, started_at: datetime) -> float | None:
        published_at = self.request.get("published_at")
        if published_at is None:
            return None
        return max(0.0, (started_at - datetime.fromtimestamp(published_at, UTC)).total_seconds())


def note_start(name: str, *, at: datetime, lag_seconds: float | None) -> None:
    """Note that a task begins."""
    fields = {"started_at": at, "finished_at": None, "lag_seconds": lag_seconds}
    _note(name, **fields)


def note_end(name: str, *, at: datetime, ok: bool, detail: str) -> None:
    """Note how a task ended."""
    _note(name, finished_at=at, ok=ok, detail=detail[:DETAIL_MAXIMUM])


def is_alive(*, now: datetime) -> bool:
    """True if the worker's heart beat lately, or a task that holds it up began not long ago."""
    runs = JobRun.objects.values_list("name", "started_at", "finished_at")
    return any(
        (name == HEARTBEAT and finished_at is not None and now - finished_at < SILENT_AT_MOST)
        or (finished_at is None and now - started_at < RUN_AT_MOST)
        for name, started_at, finished_at in runs
    )


def _note(name: str, **fields: Any) -> None:
    try:
        # A run begins with its start, so only that may make the row.
        if "started_at" in fields:
            JobRun.objects.update_or_create(name=name, defaults=fields)
        else:
            JobRun.objects.filter(name=name).update(**fields)
    except DatabaseError as error:
        logger.warning("the run of %s was not noted: %s", name, error)
