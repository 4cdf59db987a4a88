"""The agents' lane: ingest skips what only browsers need, and many requests share one commit.

Sessions, cookies, CSRF and messages mean nothing to a request with a bearer token, and passing
through them cost a seventh of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

from django.core.handlers.exception import response_for_exception
from django.db import IntegrityError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.response import SimpleTemplateResponse

from metrics import ingest
from metrics.groups import Stored
from metrics.meter import ingest_meter
from metrics.views import GROUP, IngestView, error_response
from metrics.wire import WIRE_BYTES_MAXIMUM, WireError

INGEST_PATH: Final = "/api/v1/ingest/"
RETRY_AFTER_SECONDS: Final = 15

View = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)

ingest_view: Final[View] = IngestView.as_view()

# One group at a time: SQLite takes one writer anyway, what a process remembers has one reader, and
# threads that fight over the interpreter between its calls cost twice the time.
_single_file: Final = threading.Lock()


def answer(requests: Sequence[HttpRequest], *, view: View = ingest_view) -> list[HttpResponse]:
    """Return the view's answer to each request, once all that they store is durable. Never raises.

    A group that fails is done again one by one, so that nobody pays for what another sent.
    """
    with _single_file:
        try:
            return _together_or_again(requests, view)
        except OperationalError as error:
            # Locked for long, or the disk is full: the agents keep their samples and come again.
            logger.error("ingest refused, the database cannot be written: %s", error)  # noqa: TRY400
            connection.close_if_unusable_or_obsolete()
            return [refused(_UNWRITABLE) for _ in requests]
        except Exception as error:  # noqa: BLE001  (a fault in one must not cost the others)
            if len(requests) == 1:
                return [_finished(response_for_exception(requests[0], error))]
            logger.warning("a group of %d ingest requests failed: %r", len(requests), error)
    return [response for request in requests for response in answer([request], view=view)]


_UNWRITABLE: Final = WireError(
    "database", "The database cannot be written now. Try again.", status=503
)


def _together_or_again(requests: Sequence[HttpRequest], view: View) -> list[HttpResponse]:
    """Do a group once more where a row that this process remembered has been deleted meanwhile.

    Such is a layout that nothing has named for days: what is remembered has been forgotten by now.
    """
    try:
        return _together(requests, view)
    except IntegrityError as error:
        logger.info("ingest looks up again what it remembered: %s", error)
        return _together(requests, view)


def _together(requests: Sequence[HttpRequest], view: View) -> list[HttpResponse]:
    began = time.perf_counter()
    with ingest.group() as group:
        for request in requests:
            request.META[GROUP] = group
        responses = [_finished(view(request)) for request in requests]
    _meter(group.stored, seconds=time.perf_counter() - began)
    return responses


def _meter(requests: Sequence[Stored], *, seconds: float) -> None:
    """Count what was stored, and write down the minute before if that is over."""
    now = time.time()
    for stored in requests:
        ingest_meter.note(seconds, samples=stored.samples, values=stored.values, now=now)
    ingest_meter.flush_due(now)


class AgentLaneMiddleware:
    """Answers ingest at once where a WSGI server runs; passes every other request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if request.path_info != INGEST_PATH:
            return self.get_response(request)
        try:
            _read_body(request)
        except UnreadablePostError:
            return refused(WireError("body", "The body ended before its Content-Length."))
        return answer([request])[0]


def _read_body(request: HttpRequest) -> None:
    """Read a body of a size that is taken, before the line: its sender may be slow."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) <= WIRE_BYTES_MAXIMUM:
        _ = request.body


def refused(error: WireError) -> HttpResponse:
    """Return the answer that says what was wrong, and where it passes, when to come again."""
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
