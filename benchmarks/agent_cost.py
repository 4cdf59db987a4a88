"""What `tara-agent run` costs: CPU a sample and memory, as the kernel counts them.

Starts the real agent as a process of its own against a small local sink, or any server given, and
reads /proc/PID/stat and smaps_rollup. Linux only. A short run at one second between samples is the
default; the figures that the issues name are at ten:

    python benchmarks/agent_cost.py
    python benchmarks/agent_cost.py --interval 10 --samples 30
    AGENT_TOKEN=tara_... python benchmarks/agent_cost.py --url http://localhost:8080
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from tara_agent.tokens import checksum

ANSWER = b'{"accepted":1,"duplicate":0,"rejected":[]}'
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
WARM_UP_SAMPLES = 3


class Sink(ThreadingHTTPServer):
    """A server that takes everything; `requests` and `body_bytes` count what came."""

    daemon_threads = True
    requests = 0
    body_bytes = 0


class TakeAll(BaseHTTPRequestHandler):
    """Answers each POST as the real server would a new sample."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Sink

    def do_POST(self) -> None:
        """Read the body and accept it."""
        self.server.requests += 1
        self.server.body_bytes += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Reading(NamedTuple):
    """The process's CPU seconds, all threads, ended ones too, at a monotonic time."""

    at: float
    cpu_seconds: float


class Cost(NamedTuple):
    """What a run cost."""

    samples: int
    interval_seconds: float
    cpu_milliseconds_a_sample: float
    start_cpu_milliseconds: float
    rss_megabytes: float
    pss_megabytes: float
    private_megabytes: float
    threads: int
    wire_bytes_a_request: float | None


def read_cpu(pid: int) -> Reading:
    """Return the CPU time of the process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Reading(time.monotonic(), (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND)


def read_memory(pid: int) -> dict[str, float]:
    """Return the lines of smaps_rollup in megabytes (10^6 bytes would flatter: these are 2^20)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    pairs = (line.split()[:2] for line in lines)
    return {name.rstrip(":"): int(size) / 1024 for name, size in pairs}


@contextmanager
def local_sink() -> Iterator[Sink]:
    """Run a sink on a free port of this machine."""
    sink = Sink(("127.0.0.1", 0), TakeAll)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()


@contextmanager
def running_agent(url: str, token: str, interval: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the agent; end it on leaving."""
    environ = os.environ | {
        "AGENT_TOKEN": token,
        "SERVER_URL": url,
        "AGENT_INTERVAL_SECONDS": str(interval),
        "AGENT_SPOOL_DIR": "none",
    }
    agent = subprocess.Popen([sys.executable, "-m", "tara_agent", "run"], env=environ)
    try:
        yield agent
    finally:
        agent.terminate()
        agent.wait(10)


def any_token() -> str:
    """Return a token that is well formed and that no server knows."""
    text = "tara_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return text + checksum(text)


def measure(agent: subprocess.Popen[bytes], *, samples: int, interval: int) -> Cost:
    """Return the cost of `samples` samples, after the first few."""
    time.sleep(2 + WARM_UP_SAMPLES * interval)
    before = read_cpu(agent.pid)
    time.sleep(samples * interval)
    after = read_cpu(agent.pid)
    memory = read_memory(agent.pid)
    private = memory["Private_Clean"] + memory["Private_Dirty"]
    return Cost(
        samples=samples,
        interval_seconds=interval,
        cpu_milliseconds_a_sample=1000 * (after.cpu_seconds - before.cpu_seconds) / samples,
        start_cpu_milliseconds=1000 * before.cpu_seconds,
        rss_megabytes=memory["Rss"],
        pss_megabytes=memory["Pss"],
        private_megabytes=private,
        threads=len(os.listdir(f"/proc/{agent.pid}/task")),  # noqa: PTH208
        wire_bytes_a_request=None,
    )


def run(url: str | None, *, samples: int, interval: int) -> Cost:
    """Measure against `url`, or against a sink where there is none."""
    if url:
        with running_agent(url, os.environ["AGENT_TOKEN"], interval) as agent:
            return measure(agent, samples=samples, interval=interval)
    with local_sink() as sink:
        address = f"http://127.0.0.1:{sink.server_port}"
        with running_agent(address, any_token(), interval) as agent:
            cost = measure(agent, samples=samples, interval=interval)
        return cost._replace(wire_bytes_a_request=sink.body_bytes / max(1, sink.requests))


def main() -> None:
    """Print a table and, last, the same as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", help="a server, with AGENT_TOKEN set; else a local sink")
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--interval", type=int, default=1, help="seconds between samples")
    options = parser.parse_args()
    cost = run(options.url, samples=options.samples, interval=options.interval)
    for name, value in cost._asdict().items():
        shown = f"{value:10.2f}" if isinstance(value, float) else f"{value!s:>10}"
        print(f"{name.replace('_', ' '):32}{shown}")
    print(json.dumps(cost._asdict() | {"python": sys.version.split()[0]}))


if __name__ == "__main__":
    main()
