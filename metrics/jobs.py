"""The worker's tasks, each of which leaves a mark of its last run."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from celery import Task
from django.utils import timezone

from metrics.runs import note_end, note_start


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
