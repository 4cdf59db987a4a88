"""What Celery does for metrics on its beat."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from metrics import retention

logger = logging.getLogger(__name__)


@shared_task
def prune() -> None:
    """Drop what has outlived its retention."""
    deleted = retention.prune(now=timezone.now())
    if deleted:
        logger.info("pruned %d batches", deleted)
