"""The agents' lane: ingest skips what only browsers need.

Sessions, cookies, CSRF and messages mean nothing to a request with a bearer token, and passing
through them cost a seventh of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.response import SimpleTemplateResponse

from metrics.views import IngestView, error_response
from metrics.wire import WIRE_BYTES_MAXIMUM, WireError

INGEST_PATH: Final = "/api/v1/ingest/"
RETRY_AFTER_SECONDS: Final = 15

logger = logging.getLogger(__name__)


class AgentLaneMiddleware:
    """Answers ingest at once; passes every other request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response
        self.ingest = IngestView.as_view()
        # One at a time: SQLite takes one writer anyway, and threads that fight over the interpreter
        # between its calls cost twice the time (1,670 -> 1,000 requests/s). The other threads are
        # for pages.
        self.single_file = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if request.path_info != INGEST_PATH:
            return self.get_response(request)
        try:
            _read_body(request)
            with self.single_file:
                return _finished(self.ingest(request))
        except UnreadablePostError:
            return _refused(WireError("body", "The body ended before its Content-Length."))
        except OperationalError as error:
            # Locked for long, or the disk is full: the agent keeps its samples and comes again.
            logger.error("ingest refused, the database cannot be written: %s", error)  # noqa: TRY400
            detail = "The database cannot be written now. Try again."
            return _refused(WireError("database", detail, status=503))


def _read_body(request: HttpRequest) -> None:
    """Read a body of a size that is taken, before the line: its sender may be slow."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) <= WIRE_BYTES_MAXIMUM:
        _ = request.body


def _refused(error: WireError) -> HttpResponse:
    response = error_response(error)
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return _finished(response)


def _finished(response: HttpResponse) -> HttpResponse:
    """Do for a response what the rest of the chain would: render it and tell its length."""
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    response.setdefault("Content-Length", str(len(response.content)))
    return response
