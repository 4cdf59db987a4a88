"""What Celery does for the site as a whole."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from metrics.jobs import Job


@shared_task(base=Job)
def clear_sessions() -> None:
    """Drop expired sessions, which Django leaves in the database."""
    call_command("clearsessions")
