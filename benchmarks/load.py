"""Sends prepared requests over keep-alive connections from one thread, and times the answers.

What it costs is measured with the rest: on two cores a dear generator would be a slow server. One
selector over raw sockets costs about 20 µs a request; a thread a connection cost three times that.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_RECEIVE_BYTES = 256 * 1024
_SEND_BUFFER_BYTES = 1024 * 1024
_PATIENCE_SECONDS = 60


class Shot(NamedTuple):
    """One request. `due_at` in seconds since the start; None for as soon as the line is free."""

    data: bytes
    expect: bytes
    due_at: float | None = None
    kind: str = ""


class Answered(NamedTuple):
    """How long an answer took: from when its request was due, or sent if it was never due."""

    kind: str
    milliseconds: float


@dataclass(slots=True)
class Outcome:
    """What came back, and what sending cost."""

    answered: list[Answered] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elapsed_seconds: float = 0.0
    cpu_seconds: float = 0.0

    def milliseconds(self, kind: str = "") -> list[float]:
        """Return the latencies of a kind of request, ascending."""
        return sorted(each.milliseconds for each in self.answered if each.kind == kind)


def fire(port: int, lines: Sequence[Iterable[Shot]], *, seconds: float | None = None) -> Outcome:
    """Send each line's shots over a connection of its own, one after the other.

    Ends when all are answered. After `seconds` nothing more is sent.
    """
    return _Range(port, lines, seconds).run()


class _Line:
    """A connection, the shots that are still to go, and the answer that is coming in."""

    def __init__(self, port: int, shots: Iterator[Shot]) -> None:
        self.port = port
        self.shots = shots
        self.shot: Shot | None = None
        self.since = 0.0
        self.answer = b""
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        return connection

    def again(self) -> None:
        """Connect anew, after the server closed the connection."""
        self.socket.close()
        self.answer = b""
        self.socket = self._connect()

    def send(self, shot: Shot, *, since: float) -> None:
        """Send it now; `since` is when it was due. Raises OSError."""
        self.shot, self.since = shot, since
        try:
            self.socket.sendall(shot.data)
        except (BrokenPipeError, ConnectionResetError):
            self.again()  # it was closed while it was idle
            self.socket.sendall(shot.data)


class _Range:
    """The loop: sends what is due on lines that are free, reads what has come."""

    def __init__(self, port: int, lines: Sequence[Iterable[Shot]], seconds: float | None) -> None:
        self.selector = selectors.DefaultSelector()
        self.outcome = Outcome()
        self.waiting: list[tuple[float, int, _Line, Shot]] = []  # a heap by due time
        self.numbers = itertools.count()
        self.busy = 0
        self.lines = [_Line(port, iter(shots)) for shots in lines]
        self.start = time.perf_counter()
        self.end = self.start + seconds if seconds is not None else float("inf")

    def run(self) -> Outcome:
        """Return what became of all shots. Raises TimeoutError if one is never answered."""
        cpu = time.process_time()
        for line in self.lines:
            self.selector.register(line.socket, selectors.EVENT_READ, line)
            self._next(line)
        while self.busy or (self.waiting and time.perf_counter() < self.end):
            self._send_due()
            ready = self.selector.select(self._pause())
            if not ready and not self.waiting:
                raise TimeoutError(f"{self.busy} requests have no answer.")
            for key, _ in ready:
                self._read(key.data)
        self.outcome.elapsed_seconds = time.perf_counter() - self.start
        self.outcome.cpu_seconds = time.process_time() - cpu
        for line in self.lines:
            line.socket.close()
        self.selector.close()
        return self.outcome

    def _next(self, line: _Line) -> None:
        """Give a free line its next shot, now or when it is due."""
        now = time.perf_counter()
        shot = next(line.shots, None) if now < self.end else None
        if shot is None:
            return
        if shot.due_at is None:
            self._send(line, shot, since=now)
        elif (due := self.start + shot.due_at) <= now:
            self._send(line, shot, since=due)
        else:
            heapq.heappush(self.waiting, (due, next(self.numbers), line, shot))

    def _send_due(self) -> None:
        now = time.perf_counter()
        while self.waiting and self.waiting[0][0] <= now < self.end:
            due, _, line, shot = heapq.heappop(self.waiting)
            self._send(line, shot, since=due)

    def _pause(self) -> float | None:
        """Return how long to wait for answers: until the next shot is due."""
        if not self.waiting:
            return float(_PATIENCE_SECONDS)
        return max(0.0, min(self.waiting[0][0], self.end) - time.perf_counter())

    def _send(self, line: _Line, shot: Shot, *, since: float) -> None:
        self.busy += 1
        before = line.socket
        line.send(shot, since=since)
        if line.socket is not before:
            self.selector.register(line.socket, selectors.EVENT_READ, line)

    def _read(self, line: _Line) -> None:
        try:
            data = line.socket.recv(_RECEIVE_BYTES)
        except ConnectionResetError:
            data = b""
        line.answer += data
        if not data:
            self._closed(line)
        elif is_whole(line.answer):
            self._note(line, line.answer)
            line.answer = b""
            self._next(line)

    def _note(self, line: _Line, answer: bytes) -> None:
        shot, line.shot = line.shot, None
        if shot is None:
            raise ValueError(f"an answer that nobody asked for: {answer[:200]!r}")
        self.busy -= 1
        passed = (time.perf_counter() - line.since) * 1000
        self.outcome.answered.append(Answered(shot.kind, passed))
        if shot.expect not in answer:
            self.outcome.errors.append(answer[:400].decode("latin-1"))

    def _closed(self, line: _Line) -> None:
        """Go on over a new connection; a request that was under way has failed."""
        self.selector.unregister(line.socket)
        line.again()
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        if line.shot is not None:
            self._note(line, b"closed without an answer")
            self._next(line)


def is_whole(answer: bytes) -> bool:
    """True if `answer` holds an HTTP answer to its end."""
    head, mark, body = answer.partition(b"\r\n\r\n")
    if not mark:
        return False
    head = head.lower()
    _, named, length = head.partition(b"content-length:")
    if named:
        return len(body) >= int(length.partition(b"\r\n")[0])
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return head[9:12] == b"204"
