"""The worker's last runs: noted by metrics.jobs, read by whoever asks whether the worker lives.

Apart from metrics.jobs, so that the web server needs no Celery.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError

from metrics.models import JobRun

HEARTBEAT: Final = "metrics.tasks.heartbeat"
SILENT_AT_MOST: Final = timedelta(minutes=3)
RUN_AT_MOST: Final = timedelta(minutes=15)
"""How long a task may hold up the heartbeat: the worker does one after the other."""

DETAIL_MAXIMUM: Final = 200

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a task; `finished_at` is None while it runs.

    `detail` is what it did, or the kind of error that ended it. `lag_seconds` is from when the
    clock rang to when the worker began, None where nobody rang.
    """

    name: str
    started_at: datetime
    finished_at: datetime | None
    ok: bool
    detail: str
    lag_seconds: float | None

    @property
    def took_seconds(self) -> float | None:
        """How long it ran, None while it does."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


def last_runs() -> dict[str, Run]:
    """Return the last run of each task that ever ran, by its name."""
    fields = ("name", "started_at", "finished_at", "ok", "detail", "lag_seconds")
    return {row[0]: Run(*row) for row in JobRun.objects.order_by("name").values_list(*fields)}


def is_alive(*, now: datetime) -> bool:
    """True if the worker's heart beat lately, or a task that holds it up began not long ago."""
    runs = JobRun.objects.values_list("name", "started_at", "finished_at")
    return any(
        (name == HEARTBEAT and finished_at is not None and now - finished_at < SILENT_AT_MOST)
        or (finished_at is None and now - started_at < RUN_AT_MOST)
        for name, started_at, finished_at in runs
    )


def note_start(name: str, *, at: datetime, lag_seconds: float | None) -> None:
    """Note that a task begins. A note that cannot be written is logged, and no more."""
    fields = {"started_at": at, "finished_at": None, "lag_seconds": lag_seconds}
    _note(name, **fields)


def note_end(name: str, *, at: datetime, ok: bool, detail: str) -> None:
    """Note how a task ended, as `note_start` does."""
    _note(name, finished_at=at, ok=ok, detail=detail[:DETAIL_MAXIMUM])


def _note(name: str, **fields: Any) -> None:
    try:
        # A run begins with its start, so only that may make the row.
        if "started_at" in fields:
            JobRun.objects.update_or_create(name=name, defaults=fields)
        else:
            JobRun.objects.filter(name=name).update(**fields)
    except DatabaseError as error:
        logger.warning("the run of %s was not noted: %s", name, error)
