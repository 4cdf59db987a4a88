"""The load generator: it sends all, in order, and counts what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import bodies
from benchmarks.load import Shot, fire, is_whole


class Target(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Target

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        if body == b"hang up":
            self.close_connection = True
            return
        self.send_response(500 if body == b"fail" else 200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    thread = threading.Thread(target=target.serve_forever)
    thread.start()
    yield target
    target.shutdown()
    target.server_close()
    thread.join()


def shots(*texts: bytes, every: float | None = None) -> list[Shot]:
    return [
        Shot(bodies.post("/", text), b" 200 ", None if every is None else every * number)
        for number, text in enumerate(texts)
    ]


class TestFire:
    def test_sends_each_line_in_order(self, target):
        outcome = fire(target.server_port, [shots(b"a1", b"a2", b"a3"), shots(b"b1", b"b2")])

        assert [body for body in target.bodies if body[:1] == b"a"] == [b"a1", b"a2", b"a3"]
        assert sorted(target.bodies) == [b"a1", b"a2", b"a3", b"b1", b"b2"]
        assert len(outcome.milliseconds()) == 5
        assert outcome.errors == []
        assert outcome.cpu_seconds < outcome.elapsed_seconds + 0.1

    def test_counts_what_was_not_expected_and_goes_on(self, target):
        outcome = fire(target.server_port, [shots(b"fail", b"hang up", b"last")])

        assert target.bodies[-1] == b"last"
        assert len(outcome.errors) == 2
        assert " 500 " in outcome.errors[0]

    def test_keeps_to_the_pace(self, target):
        outcome = fire(target.server_port, [shots(*[b"x"] * 5, every=0.05)])

        assert 0.2 <= outcome.elapsed_seconds < 1
        assert len(target.bodies) == 5

    def test_sends_nothing_after_its_time(self, target):
        outcome = fire(target.server_port, [shots(*[b"x"] * 50, every=0.05)], seconds=0.3)

        assert 1 <= len(outcome.answered) <= 7


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na", False),
        (b"HTTP/1.1 200 OK\r\nContent-Le", False),
        (b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", True),
    ],
)
def test_an_answer_ends_where_http_says(answer, whole):
    assert is_whole(answer) is whole
