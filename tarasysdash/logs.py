"""What of Django's own log lines is left out."""

from __future__ import annotations

import logging
from typing import Final

PROBED: Final = "/healthz"


class WithoutProbes(logging.Filter):
    """Drops Django's line about a probe that failed: tarasysdash.health tells it once, and why."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        return getattr(getattr(record, "request", None), "path", None) != PROBED
