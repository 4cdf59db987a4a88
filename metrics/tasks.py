"""What Celery does for metrics on its beat."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from metrics import events, meter, retention, sealing
from metrics.jobs import Job

logger = logging.getLogger(__name__)


@shared_task(base=Job)
def heartbeat() -> None:
    """Tidy the meters; that it ran says that clock, broker and worker do."""
    meter.prune(now=timezone.now())


@shared_task(base=Job)
def prune() -> str:
    """Drop what has outlived its retention."""
    now = timezone.now()
    deleted = retention.prune(now=now)
    events.prune(now=now)
    if deleted:
        logger.info("pruned %d batches and chunks", deleted)
    return f"{deleted} batches and chunks"


@shared_task(base=Job)
def seal() -> str:
    """Move finished hours from the hot log into chunks, and finished days into coarser ones."""
    sealed = sealing.seal(now=timezone.now())
    if sealed:
        logger.info("sealed %d batches", sealed)
    return f"{sealed} batches"
