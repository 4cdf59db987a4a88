"""The doors of the real server: uvicorn as the Procfile starts it, over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import factories, processes
from tests.conftest import INGEST

ROOT = Path(__file__).resolve().parents[2]


class Door(NamedTuple):
    """A running server, a live token, and its database."""

    port: int
    token: str
    database: Path

    def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        """POST a body as an agent does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request("POST", INGEST, body, {**sent, **headers})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), json.loads(text) if text else {}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TARA_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tarasysdash.settings",
        "TARA_HOST": "127.0.0.1",
        "TARA_PORT": str(port),
    }

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        return done.stdout.decode().strip()

    manage("migrate", "-v0")
    token = manage("gen_token", "--agent-id", "web-1")
    (command,) = re.findall(r"^web: (.*)$", (ROOT / "Procfile").read_text(), flags=re.MULTILINE)
    server = subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=ROOT, env=environment)
    try:
        processes.wait_until(lambda: is_open(port), what=shlex.split(command)[0])
        yield Door(port, token, folder / "tarasysdash.sqlite3")
    finally:
        server.terminate()
        server.wait(timeout=20)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def body(at: float) -> bytes:
    return json.dumps(factories.body(factories.sample(at))).encode()


class TestIngestDoor:
    def test_stores_what_many_send_at_once_each_sample_once(self, door: Door):
        start = time.time() - 60
        bodies = [body(start + place / 100) for place in range(200)] * 2

        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(door.post, bodies))

        assert {status for status, _, _ in answers} == {200}
        assert sum(receipt["accepted"] for _, _, receipt in answers) == 200
        assert sum(receipt["duplicate"] for _, _, receipt in answers) == 200
        with sqlite3.connect(door.database) as database:
            stored = database.execute(
                "SELECT count(*), count(DISTINCT first_ms) FROM metrics_batch WHERE first_ms < ?",
                [round((start + 2) * 1000)],
            ).fetchone()
        assert stored == (200, 200)

    def test_has_the_headers_of_every_response(self, door: Door):
        for status, headers in (
            door.post(body(time.time()))[:2],
            door.post(b"{", Authorization="")[:2],
            door.post(b" " * 300_000)[:2],
        ):
            assert status in {200, 401, 413}
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert "server" not in headers

    def test_answers_a_name_that_is_not_its_own_with_421(self, door: Door):
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
        connection.request("POST", INGEST, b"{}", {"Host": "evil.example"})

        assert connection.getresponse().status == 421
        connection.close()

    def test_takes_no_body_of_unknown_length(self, door: Door):
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
        headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
        connection.request("POST", INGEST, iter([b"{", b"}"]), headers, encode_chunked=True)

        assert connection.getresponse().status == 411
        connection.close()

    def test_a_query_that_is_no_text_does_no_harm(self, door: Door):
        head = b"POST %s?%%ff\xff HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        with socket.create_connection(("127.0.0.1", door.port)) as connection:
            connection.sendall(head % INGEST.encode())
            status = int(connection.recv(4096).split()[1])

        assert 400 <= status < 500

    def test_a_slow_sender_holds_up_nobody(self, door: Door):
        head = f"POST {INGEST} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{{"
        slow = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(50)]
        for connection in slow:
            connection.sendall(head.encode())

        status, _, _ = door.post(body(time.time()))

        for connection in slow:
            connection.close()
        assert status == 200

    def test_a_sender_that_hangs_up_costs_nobody_else(self, door: Door):
        whole = body(time.time())
        head = (
            f"POST {INGEST} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {door.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n"
        )
        gone = socket.create_connection(("127.0.0.1", door.port))
        gone.sendall(head.encode() + whole)
        gone.close()

        assert door.post(body(time.time() + 1))[0] == 200

    def test_waits_while_another_holds_the_database(self, door: Door):
        other = sqlite3.connect(door.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(door.post, body(time.time() + 2))
            time.sleep(0.3)
            other.execute("ROLLBACK")
            status, _, receipt = waiting.result(timeout=20)
        other.close()

        assert (status, receipt["accepted"]) == (200, 1)


class TestPagesDoor:
    def get(self, door: Door, path: str, method: str = "GET") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
        connection.request(method, path)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def test_serves_pages(self, door: Door):
        status, content = self.get(door, "/healthz")

        assert status == 503
        assert json.loads(content)["status"] != "ok"  # no worker runs here

    def test_sends_no_body_to_head(self, door: Door):
        assert self.get(door, "/healthz", "HEAD") == (503, b"")

    def test_refuses_what_is_too_large(self, door: Door):
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
        connection.request("POST", "/login/", b"x" * 3_000_000)

        assert connection.getresponse().status == 413
        connection.close()
