"""What of Django's own log lines is left out."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

PROBED: Final = "/healthz"


class WithoutProbes(logging.Filter):
    """Drops Django's line about a probe that says what fails: tarasysdash.health logs that once.

    A fault in the probe itself is another status, and keeps its line and traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        is_told = getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE
        path = getattr(getattr(record, "request", None), "path", None)
        return not (is_told and path == PROBED)
