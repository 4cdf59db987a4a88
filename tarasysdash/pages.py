"""The pages' door: Django's handler for every request that is not an agent's, in a few threads.

Django's own ASGI handler would give each request a thread of its own, and with it a database
connection that is opened and closed again. Here the threads stay, and so do their connections.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS: Final = 30
"""How long a body may take to arrive; a slow sender costs memory meanwhile, but no thread."""


class Answer(NamedTuple):
    """A response as it goes out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @classmethod
    def of(cls, response: HttpResponseBase) -> Answer:
        """Return a response's answer; a streamed one is read whole, and all of ours are small."""
        headers = [
            (name.encode("ascii").lower(), value.encode("latin-1"))
            for name, value in response.items()
        ]
        headers += [
            (b"set-cookie", morsel.OutputString().encode("latin-1"))
            for morsel in response.cookies.values()
        ]
        return cls(response.status_code, headers, b"".join(response))


class BodyTooLarge(Exception):  # noqa: N818  (reads as the claim it is)
    """A body of more bytes than are taken."""


class BodyCutShort(Exception):  # noqa: N818  (reads as the claim it is)
    """A body whose sender hung up, or took too long."""


class Pages(BaseHandler):
    """Answers with Django's middleware and views."""

    def __init__(self, *, threads: int) -> None:
        """Load the middleware; take as many threads."""
        super().__init__()
        self.load_middleware()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await read_body(receive, at_most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        except BodyTooLarge:
            answer = Answer.of(HttpResponse("The request is too large.\n", status=413))
        except BodyCutShort:
            return
        else:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._answer, scope, body)
        await send_answer(send, answer)

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        set_script_prefix("/")
        request_started.send(sender=self.__class__, scope=scope)
        try:
            response = self.get_response(ASGIRequest(scope, io.BytesIO(body)))
        except UnicodeDecodeError:
            response = HttpResponseBadRequest("The address cannot be read.\n")
        try:
            return Answer.of(response)
        finally:
            response.close()


async def read_body(receive: Receive, *, at_most: int) -> bytes:
    """Return a request's body. Raises BodyTooLarge and BodyCutShort."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read_on(body, receive, at_most)
        except TimeoutError as error:
            raise BodyCutShort from error
    if len(body) > at_most:
        raise BodyTooLarge
    return body


async def _read_on(start: bytes, receive: Receive, at_most: int) -> bytes:
    parts, size, more = [start], len(start), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyCutShort
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > at_most:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send a whole response."""
    head = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(head)
    await send({"type": "http.response.body", "body": answer.body})
