"""The main job, whole: the real agent -> a live server -> the database -> the page in Chromium."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from agents.models import Agent
from metrics import queries
from tests import factories, processes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INTERVAL_SECONDS = 1


class Relay(ThreadingHTTPServer):
    """Stands between agent and server, passes everything on, and keeps what passed."""

    def __init__(self, server_url: str) -> None:
        super().__init__(("127.0.0.1", 0), RelayHandler)
        self.upstream = urlsplit(server_url).netloc
        self.samples: list[dict[str, Any]] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class RelayHandler(BaseHTTPRequestHandler):
    """One request of the agent, answered as the server answers it."""

    server: Relay
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=10)
        upstream.request("POST", self.path, body, dict(self.headers.items()))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.server.statuses.append(answer.status)
        is_gzip = self.headers["Content-Encoding"] == "gzip"
        plain = zlib.decompress(body, wbits=31) if is_gzip else body
        self.server.samples += json.loads(plain)["samples"]

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def relay(live_server) -> Iterator[Relay]:
    relay = Relay(live_server.url)
    thread = threading.Thread(target=relay.serve_forever, daemon=True)
    thread.start()
    yield relay
    relay.shutdown()
    relay.server_close()
    thread.join()


@contextmanager
def running(agent: Agent, relay: Relay, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the real agent while this lasts."""
    environment = processes.product_environment(
        folder,
        AGENT_TOKEN=factories.make_token(agent),
        SERVER_URL=relay.url,
        AGENT_SPOOL_DIR=str(folder / "spool"),
        AGENT_INTERVAL_SECONDS=str(agent.interval_seconds),
    )
    command = [str(processes.BIN / "tara-agent"), "run"]
    with processes.started(command, environment, folder / "agent.log") as process:
        yield process


@pytest.fixture
def reported(relay: Relay, tmp_path: Path) -> Agent:
    """An agent whose real process sent some samples and ended."""
    agent = factories.make_agent("end-to-end", interval_seconds=INTERVAL_SECONDS)
    with running(agent, relay, tmp_path) as process:
        processes.wait_until(lambda: len(relay.samples) >= 3, what="three samples passed")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0, (tmp_path / "agent.log").read_text()
    assert set(relay.statuses) == {200}
    return agent


def flat(sample: dict[str, Any]) -> dict[tuple[str, str], float]:
    """Return a sample's values by metric and instance."""
    values = {}
    for metric, value in sample["values"].items():
        named = value if isinstance(value, dict) else {"": value}
        values |= {(metric, instance): number for instance, number in named.items()}
    return values


class TestEndToEnd:
    def test_what_is_drawn_is_what_was_sent(self, reported, relay, open_page, admin):
        newest = max(relay.samples, key=lambda sample: sample["time"])

        stored = queries.latest(reported)
        assert stored.at.timestamp() == pytest.approx(newest["time"], abs=0.001)
        assert dict(stored.values) == flat(newest)

        page = open_page(f"/agents/{reported.agent_id}/?range=15m", user=admin)
        # The page is live: it may show a sample that was sent since.
        counts = "|".join(str(sample["values"]["process_count"]) for sample in relay.samples)
        page.get_by_role("heading", name="System").click()
        chart = page.locator("#chart-processes .legend")
        expect(chart).to_have_text(re.compile(f"^Processes({counts})(Min.max.*)?$"))

        reported.refresh_from_db()
        assert reported.hostname
        assert reported.memory_total_bytes == newest["values"]["memory_total_bytes"]

    def test_sends_more_while_somebody_watches(self, relay, tmp_path, open_page, admin):
        agent = factories.make_agent("end-to-end", interval_seconds=6)
        with running(agent, relay, tmp_path) as process:
            processes.wait_until(lambda: len(relay.samples) >= 2, what="two samples passed")
            slow = relay.samples[-1]["time"] - relay.samples[-2]["time"]

            open_page(f"/agents/{agent.agent_id}/?range=live", user=admin)

            # It learns of it with its next report, and may have one of its own time still to send.
            there = len(relay.samples) + 2
            processes.wait_until(lambda: len(relay.samples) >= there + 4, what="six more passed")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        times = [sample["time"] for sample in relay.samples[there:]]
        assert slow > 3
        assert max(after - before for before, after in pairwise(times)) < 3

    def test_tells_the_processes_that_use_most(self, reported, relay):
        told = [sample for sample in relay.samples if "processes" in sample][-1]

        stored = queries.latest(reported)
        assert stored.processes_at.timestamp() == pytest.approx(told["time"], abs=0.001)
        assert [each.pid for each in stored.processes] == [
            each["pid"] for each in told["processes"]
        ]
        assert any(each.memory_bytes > 0 for each in stored.processes)

    def test_covers_what_a_machine_has(self, reported, relay):
        sent = {metric for sample in relay.samples for metric in sample["values"]}

        assert sent >= {
            *("cpu_percent", "cpu_user_percent", "cpu_system_percent", "cpu_core_percent"),
            *("load_1m", "memory_percent", "memory_used_bytes", "uptime_seconds", "process_count"),
        }
