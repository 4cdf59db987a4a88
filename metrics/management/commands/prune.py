"""`manage.py prune`: do now what the worker does every hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from metrics import events, retention
from metrics.progress import TerminalLine


class Command(BaseCommand):
    """Drops what has outlived its retention and says how much that was."""

    help = "Delete samples and buckets that are older than TARA_RETENTION_*_DAYS say."

    def handle(self, **_: Any) -> None:
        """Prune, then tell."""
        now = timezone.now()
        events.prune(now=now)
        with TerminalLine(self.stdout) as tell:
            deleted = retention.prune(now=now, tell=tell)
        self.stdout.write(f"Deleted {deleted} batches and chunks.")
