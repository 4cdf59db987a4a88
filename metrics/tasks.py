"""What Celery does for metrics on its beat."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from metrics import retention, sealing

logger = logging.getLogger(__name__)


@shared_task
def prune() -> None:
    """Drop what has outlived its retention."""
    deleted = retention.prune(now=timezone.now())
    if deleted:
        logger.info("pruned %d batches and chunks", deleted)


@shared_task
def seal() -> None:
    """Move finished hours from the hot log into chunks, and finished days into coarser ones."""
    sealed = sealing.seal(now=timezone.now())
    if sealed:
        logger.info("sealed %d batches", sealed)
