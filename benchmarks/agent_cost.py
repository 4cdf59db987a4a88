"""What `tara-agent run` costs beside its peers: CPU a sample and memory, as the kernel counts.

All run at once, against local sinks and a local scraper, and are read from /proc: the agent over
http and over https, with all its collectors, and without the process walk, to tell that apart; a
bare loop of psutil and requests; and node_exporter as it comes, where it is installed. Linux only.
A short run at one second is the default; the figures that are promised are at ten, over five
minutes:

    python -m benchmarks.agent_cost
    python -m benchmarks.agent_cost --interval 10 --samples 30
    AGENT_TOKEN=tara_... python -m benchmarks.agent_cost --url http://localhost:8080
"""

from __future__ import annotations

import argparse
import base64
import http.client
import os
import secrets
import shutil
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import figures, kernel, sinks
from benchmarks.processes import free_port, started
from tara_agent.tokens import checksum

WARM_UP_SAMPLES = 3
_EXPORTERS = ("prometheus-node-exporter", "node_exporter")
_SCRAPES_BYTES_MAXIMUM = 1 << 22


@dataclass(frozen=True, slots=True)
class Subject:
    """A process under measurement; `bytes_a_sample` says what it has sent, on the wire."""

    name: str
    pid: int
    start_cpu_seconds: float
    bytes_a_sample: Callable[[], float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """How long it is measured."""

    samples: int
    interval_seconds: int


def any_token() -> str:
    """Return a token that is well formed and that no server knows."""
    text = "tara_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return text + checksum(text)


def nothing() -> None:
    """Return what is known of bytes where a real server has them."""


@contextmanager
def running_agent(
    name: str, url: str, interval: int, sink: sinks.Sink | None = None, **settings: str
) -> Iterator[Subject]:
    """Run an agent of these settings; end it on leaving."""
    environ = {
        **_without_agent(os.environ),
        "AGENT_CONFIG": "none",
        "AGENT_TOKEN": settings.pop("token", "") or any_token(),
        "SERVER_URL": url,
        "AGENT_INTERVAL_SECONDS": str(interval),
        "AGENT_SPOOL_DIR": "none",
        **settings,
    }
    with started([sys.executable, "-m", "tara_agent", "run"], environ) as process:
        time.sleep(2)
        pid = process.process.pid
        yield Subject(name, pid, kernel.cpu_seconds(pid), sink.mean_bytes if sink else nothing)


@contextmanager
def running_bare_loop(url: str, interval: int, sink: sinks.Sink) -> Iterator[Subject]:
    """Run the loop that anybody would write first; end it on leaving."""
    command = [sys.executable, "-m", "benchmarks.bare_loop", url, str(interval)]
    with started(command, os.environ) as process:
        time.sleep(2)
        pid = process.process.pid
        yield Subject("psutil + requests", pid, kernel.cpu_seconds(pid), sink.mean_bytes)


@contextmanager
def running_exporter(interval: int) -> Iterator[Subject | None]:
    """Run node_exporter as it comes, scraped every so often; None where it is not installed."""
    program = next(filter(None, map(shutil.which, _EXPORTERS)), None)
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    with started(command, os.environ, port=port) as process:
        time.sleep(2)
        cpu_seconds = kernel.cpu_seconds(process.process.pid)
        scraper = Scraper(port, interval)
        scraper.start()
        yield Subject("node_exporter", process.process.pid, cpu_seconds, lambda: scraper.size)
        scraper.ended.set()
        scraper.join(interval + 10)


class Scraper(threading.Thread):
    """Asks an exporter for its metrics, over one connection; `size` is the last answer's."""

    def __init__(self, port: int, interval: int) -> None:
        super().__init__(daemon=True)
        self.size = 0.0
        self.ended = threading.Event()
        self._port = port
        self._interval = interval

    def run(self) -> None:
        """Scrape until told to end, as Prometheus does: gzip, and kept alive."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        while not self.ended.wait(self._interval):
            connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
            self.size = len(connection.getresponse().read(_SCRAPES_BYTES_MAXIMUM))
        connection.close()


def with_the_systems(certificate: Path) -> Path:
    """Return a file of this certificate and all authorities that the system trusts.

    An agent that trusts one certificate only needs 0.8 MB less than most will.
    """
    authorities = ssl.get_default_verify_paths().cafile
    known = Path(authorities).read_text() if authorities else ""
    path = certificate.with_name("authorities.pem")
    path.write_text(known + certificate.read_text())
    return path


@contextmanager
def all_subjects(interval: int) -> Iterator[list[Subject]]:
    """Run everything that is compared."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        plain = [stack.enter_context(sinks.plain_sink()) for _ in range(3)]
        certificate, key = sinks.make_certificate(folder)
        tls = stack.enter_context(sinks.tls_sink(certificate, key))
        agents = [
            running_agent("agent, http", plain[0].url, interval, plain[0]),
            running_agent(
                "agent, http, no process walk",
                plain[1].url,
                interval,
                plain[1],
                AGENT_COLLECTORS_EXCLUDE="processes",
            ),
            running_agent(
                "agent, https",
                tls.url,
                interval,
                tls,
                SSL_CERT_FILE=str(with_the_systems(certificate)),
            ),
        ]
        subjects: list[Subject | None] = [stack.enter_context(agent) for agent in agents]
        loop = running_bare_loop(plain[2].url, interval, plain[2])
        subjects.append(stack.enter_context(loop))
        subjects.append(stack.enter_context(running_exporter(interval)))
        yield [subject for subject in subjects if subject]


def measure(subjects: list[Subject], run: Run) -> list[figures.Figures]:
    """Return what the samples of the run cost each, after the first few."""
    time.sleep(WARM_UP_SAMPLES * run.interval_seconds)
    before = {subject.name: kernel.cpu_seconds(subject.pid) for subject in subjects}
    time.sleep(run.samples * run.interval_seconds)
    return [_cost(subject, before[subject.name], run) for subject in subjects]


def _cost(subject: Subject, before: float, run: Run) -> figures.Figures:
    used = kernel.cpu_seconds(subject.pid) - before
    memory = kernel.memory(subject.pid)
    size = subject.bytes_a_sample()
    return {
        "": subject.name,
        "CPU ms a sample": round(1000 * used / run.samples, 2),
        "RSS MB": round(memory.rss, 1),
        "PSS MB": round(memory.pss, 1),
        "private MB": round(memory.private, 1),
        "start ms": round(1000 * subject.start_cpu_seconds),
        "threads": kernel.thread_count(subject.pid),
        "bytes a sample": round(size) if size else None,
    }


def _without_agent(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without settings of an agent that runs here."""
    return {name: value for name, value in environ.items() if not name.startswith("AGENT_")}


def main() -> None:
    """Print a table and, last, the same as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", help="measure one agent against a server, with AGENT_TOKEN set")
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--interval", type=int, default=1, help="seconds between samples")
    options = parser.parse_args()
    run = Run(options.samples, options.interval)
    if options.url:
        token = os.environ["AGENT_TOKEN"]
        with running_agent("agent", options.url, run.interval_seconds, token=token) as agent:
            rows = measure([agent], run)
    else:
        with all_subjects(run.interval_seconds) as subjects:
            rows = measure(subjects, run)
    figures.show(f"agent_cost, {run.samples} samples at {run.interval_seconds} s", rows)


if __name__ == "__main__":
    main()
