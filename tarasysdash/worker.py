"""The background worker with its clock, in one process: `python -m tarasysdash.worker`.

It is Celery's worker with the solo pool. `celery worker --beat` would run the clock in a process of
its own, and its command line loads an interactive shell: without the two, it takes half the memory.
"""

from __future__ import annotations

import sys
from typing import Final

from celery import bootsteps
from celery.beat import EmbeddedService

from tarasysdash.celery import app

OPTIONS: Final = {
    "pool_cls": "solo",
    "without_gossip": True,
    "without_mingle": True,
    "loglevel": "WARNING",
    "quiet": True,
}


class Clock(bootsteps.StartStopStep):
    """Rings the tasks of the schedule, from a thread."""

    requires = ("celery.worker.components:Pool",)

    def create(self, worker: object) -> EmbeddedService:  # noqa: ARG002
        """Return what is started and stopped with the worker."""
        return EmbeddedService(app, thread=True)


def main() -> int:
    """Work until a signal ends it; return the exit status."""
    app.set_default()
    app.steps["worker"].add(Clock)
    worker = app.Worker(**OPTIONS)
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
