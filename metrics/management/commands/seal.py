"""`manage.py seal`: do now what the worker does every few minutes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from metrics import sealing
from metrics.progress import TerminalLine


class Command(BaseCommand):
    """Seals finished hours and says how many batches that were."""

    help = "Move what the hot log holds of finished hours into compressed chunks."

    def handle(self, **_: Any) -> None:
        """Seal, then tell."""
        with TerminalLine(self.stdout) as tell:
            batches = sealing.seal(now=timezone.now(), tell=tell)
        self.stdout.write(f"Sealed {batches} batches.")
