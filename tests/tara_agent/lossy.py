"""A proxy that does to requests what bad networks and worse middleboxes do, and counts."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

LATE_SECONDS = 0.1
DRIP_SECONDS = 0.05

Message = bytes


def read_message(connection: socket.socket) -> Message | None:
    """Return the next whole request or answer; None where the other side has hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return head + b"\r\n\r\n" + body


class LossyProxy(socketserver.ThreadingTCPServer):
    """Stands before `upstream`; asks `choose` for each request which of FATES it meets.

    `receipts` are the answers of the server behind, whether or not they got through.
    """

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, upstream: tuple[str, int], choose: Callable[[], str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.choose = choose
        self.receipts: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def ask(self, request: Message) -> Message:
        """Return the server's answer to a request, and note it."""
        with socket.create_connection(self.upstream, timeout=10) as connection:
            connection.sendall(request)
            answer = read_message(connection)
        assert answer is not None
        self.receipts.append(json.loads(answer.partition(b"\r\n\r\n")[2]))
        return answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what it is about."""


class Handler(socketserver.BaseRequestHandler):
    server: LossyProxy

    def handle(self) -> None:
        with suppress(OSError):
            while request := read_message(self.request):
                if not FATES[self.server.choose()](self, request):
                    return


def pass_on(handler: Handler, request: Message) -> bool:
    handler.request.sendall(handler.server.ask(request))
    return True


def be_late(handler: Handler, request: Message) -> bool:
    time.sleep(LATE_SECONDS)
    return pass_on(handler, request)


def reset(handler: Handler, request: Message) -> bool:
    handler.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.request.close()
    return False


def reset_once_it_is_stored(handler: Handler, request: Message) -> bool:
    handler.server.ask(request)
    return reset(handler, request)


def break_off(handler: Handler, request: Message) -> bool:
    answer = handler.server.ask(request)
    handler.request.sendall(answer[: len(answer) - 10])
    return False


def drip(handler: Handler, request: Message) -> bool:
    for byte in handler.server.ask(request):
        handler.request.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)
    return False


def say_nothing(handler: Handler, request: Message) -> bool:
    handler.server.ask(request)
    handler.request.recv(1)  # until the agent has had enough
    return False


def talk_nonsense(handler: Handler, request: Message) -> bool:
    handler.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    return True


def ask_for_a_login(handler: Handler, request: Message) -> bool:
    page = b"<html>Please log in</html>"
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: %d\r\n\r\n"
    handler.request.sendall(head % len(page) + page)
    return True


FATES: dict[str, Callable[[Handler, Message], bool]] = {
    fate.__name__: fate
    for fate in (
        *(pass_on, be_late, reset, reset_once_it_is_stored, break_off, drip, say_nothing),
        *(talk_nonsense, ask_for_a_login),
    )
}
"""What may become of a request; each says whether the connection can be used again."""
