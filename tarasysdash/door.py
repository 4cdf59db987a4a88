"""The agents' door: requests are gathered for a moment, and each group has one commit.

An agent has nothing else to do while it waits, so 50 ms are nobody's loss, and at a thousand
requests a second they halve what one costs. One thread writes, and the event loop reads bodies
meanwhile, so a slow sender holds up nobody; what arrives while a group is written is the next one.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from metrics.wire import WIRE_BYTES_MAXIMUM, too_large
from tarasysdash.headers import SecurityHeadersMiddleware
from tarasysdash.hosts import HostMiddleware
from tarasysdash.lane import answer, ingest_view, refused
from tarasysdash.pages import (
    Answer,
    BodyCutShort,
    BodyTooLarge,
    Receive,
    Scope,
    Send,
    read_body,
    send_answer,
)

GATHER_SECONDS: Final = 0.05
GATHER_AT_MOST: Final = 8
"""With so many requests waiting, a group is written at once: more would save little."""

GROUP_AT_MOST: Final = 64
"""So many requests take about 20 ms, in which no other process can write."""


class _Waiting(NamedTuple):
    """A request that was read, and where its answer goes."""

    scope: Scope
    body: bytes
    since: float
    answer: asyncio.Future[Answer]


class IngestDoor:
    """Answers ingest, many requests with one commit."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once what it sent is durable."""
        try:
            body = await read_body(receive, at_most=WIRE_BYTES_MAXIMUM)
        except BodyTooLarge:
            response = refused(too_large("The body", WIRE_BYTES_MAXIMUM))
            await send_answer(send, _finished([_request(scope, b"")], [response])[0])
        except BodyCutShort:
            return  # nobody is there to be answered
        else:
            loop = asyncio.get_running_loop()
            waiting = _Waiting(scope, body, loop.time(), loop.create_future())
            self._waiting.append(waiting)
            self._gather()
            await send_answer(send, await waiting.answer)

    def _gather(self) -> None:
        """Have what waits written: at once if it is many, else in a moment."""
        if self._writing is not None:
            return
        if len(self._waiting) >= GATHER_AT_MOST:
            self._write()
        elif self._timer is None:
            due_at = self._waiting[0].since + GATHER_SECONDS
            self._timer = asyncio.get_running_loop().call_at(due_at, self._write)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group = self._waiting[:GROUP_AT_MOST]
        del self._waiting[:GROUP_AT_MOST]
        self._writing = asyncio.create_task(self._write_group(group))

    async def _write_group(self, group: Sequence[_Waiting]) -> None:
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.run_in_executor(self._thread, _answers, group)
            for waiting, its_answer in zip(group, answers, strict=True):
                if not waiting.answer.done():  # else its sender hung up
                    waiting.answer.set_result(its_answer)
        except BaseException as error:
            for waiting in group:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            raise
        finally:
            self._writing = None
            if self._waiting:
                self._gather()


def _answers(group: Sequence[_Waiting]) -> list[Answer]:
    """Return an answer a request, in the writer's thread."""
    requests = [_request(waiting.scope, waiting.body) for waiting in group]
    return _finished(requests, answer(requests, view=_view))


_view: Final = HostMiddleware(ingest_view)


def _request(scope: Scope, body: bytes) -> ASGIRequest:
    """Return Django's request; ingest asks nothing of a query, which may be no text."""
    return ASGIRequest({**scope, "query_string": b""}, io.BytesIO(body))


def _finished(requests: Sequence[HttpRequest], responses: Sequence[HttpResponse]) -> list[Answer]:
    """Return the answers with the headers that every response of this server has."""
    given = iter(responses)
    security = SecurityMiddleware(lambda _: next(given))
    with_headers = SecurityHeadersMiddleware(lambda request: _sync(security(request)))
    return [Answer.of(with_headers(request)) for request in requests]


def _sync(response: object) -> HttpResponse:
    """Tell the type checker that a middleware which may be asynchronous is not, here."""
    assert isinstance(response, HttpResponse)  # noqa: S101
    return response
