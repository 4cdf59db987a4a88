"""What a whole server takes while a fleet is alive: `python -m benchmarks.soak`.

1,000 agents send a sample of 60 values every 10 seconds, twenty dashboards poll every 5 seconds,
ten the list and ten an agent each, and the worker seals two hours of backlog and prunes a day. Web
server and worker are the Procfile's. Their memory is read every few seconds: of each process its
share of what it shares (PSS).
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from benchmarks import bodies, feed, figures, server
from benchmarks.feed import Feed
from benchmarks.figures import Value
from benchmarks.history import checked
from benchmarks.load import Outcome, Shot, fire
from benchmarks.processes import Running
from benchmarks.server import Site

INTERVAL_SECONDS: Final = 10
CONNECTIONS: Final = 32
DASHBOARDS: Final = 20
POLL_SECONDS: Final = 5
BACKLOG_SAMPLES: Final = 720
OUTLIVED_SECONDS: Final = 8 * 86_400
SAMPLES_A_REQUEST: Final = 60
WATCH_SECONDS: Final = 3
PAGE: Final = "page"
MEGABYTE: Final = 1e6

WORK = "from tarasysdash.celery import app; app.send_task('metrics.tasks.{task}')"
RUNS = """
import django, json; django.setup()
from metrics.runs import last_runs
runs = last_runs().values()
print(json.dumps({run.name: [run.ok, run.detail, run.took_seconds] for run in runs}))
"""


@dataclass(slots=True)
class Watched:
    """A part of the server under load: its processes, and its memory each time it was read."""

    name: str
    running: Running
    bytes_seen: list[int] = field(default_factory=list)
    cpu_before: float = 0.0

    def figures(self, elapsed_seconds: float) -> dict[str, Value]:
        """Return its memory at the end and at most, and its share of a core."""
        cpu = self.running.cpu_seconds() - self.cpu_before
        return {
            "part": self.name,
            "processes": len(self.running.tree()),
            **_memory(self.bytes_seen),
            "cpu_percent": round(100 * cpu / elapsed_seconds, 1),
        }


def fill(site: Site, agents: int) -> None:
    """Store what the worker will have to do: two hours that are over, and a day long gone."""
    senders = site.senders[:agents]
    now = feed.now_ms()
    hours_ms = BACKLOG_SAMPLES * INTERVAL_SECONDS * 1000
    # What has outlived its retention is taken by a server that keeps it for longer.
    with server.web(site, TARA_RETENTION_RAW_DAYS="30") as running:
        for first_ms, samples in (
            (now - OUTLIVED_SECONDS * 1000, SAMPLES_A_REQUEST),
            (now - hours_ms, BACKLOG_SAMPLES),
        ):
            source = Feed(
                feed.TARA,
                senders,
                samples=SAMPLES_A_REQUEST,
                spacing_seconds=INTERVAL_SECONDS,
                first_ms=first_ms,
            )
            for _ in range(samples // SAMPLES_A_REQUEST):
                checked(fire(running.port, source.rounds(1, connections=8)))


def dashboards(site: Site, *, seconds: float) -> list[Iterator[Shot]]:
    """Return what twenty open dashboards ask for, each every five seconds."""
    cookie = f"Cookie: {site.session_cookie()}\r\nAccept-Encoding: gzip\r\n"
    start = time.time()

    def polls(number: int) -> Iterator[Shot]:
        """Yield what one open dashboard asks for, when it is due."""
        for turn in range(int(seconds // POLL_SECONDS)):
            due = POLL_SECONDS * (turn + number / DASHBOARDS)
            if number % 2:
                headers = f"{cookie}HX-Request: true\r\nHX-Request-Type: partial\r\n"
                yield Shot(bodies.get("/", headers=headers), b" 200 ", due, PAGE)
            else:
                agent = site.senders[number * 7 % len(site.senders)].agent_id
                # A new page asks for all of its range, an open one for what came since.
                since = f"&after={int(start + due - 30) // 10 * 10}&step=10" if turn else ""
                path = f"/agents/{agent}/data.json?range=1h{since}"
                yield Shot(bodies.get(path, headers=cookie), b" 200 ", due, PAGE)

    return [polls(number) for number in range(DASHBOARDS)]


@contextmanager
def watching(parts: Sequence[Watched]) -> Iterator[None]:
    """Read the parts' memory every few seconds."""
    is_over = threading.Event()

    def watch() -> None:
        """Note each part's memory until it is over."""
        while not is_over.wait(WATCH_SECONDS):
            for part in parts:
                part.bytes_seen.append(part.running.pss_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@contextmanager
def working(site: Site) -> Iterator[None]:
    """Have the worker seal and prune meanwhile, which its clock would do some time in an hour."""

    def work() -> None:
        """Do both once."""
        for task in ("seal", "prune"):
            site.python("-c", WORK.format(task=task))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def soak(site: Site, options: argparse.Namespace) -> None:
    """Load the server for a while and show the figures."""
    rate = options.agents / INTERVAL_SECONDS
    with server.web(site) as web, server.worker(site) as worker:
        parts = [Watched("web", web), Watched("worker", worker)]
        source = Feed(
            feed.TARA,
            site.senders,
            samples=1,
            spacing_seconds=INTERVAL_SECONDS,
            first_ms=feed.now_ms(),
        )
        lines = source.paced(rate, seconds=options.seconds, connections=CONNECTIONS)
        pages = dashboards(site, seconds=options.seconds)
        for part in parts:
            part.cpu_before = part.running.cpu_seconds()
        with watching(parts), working(site):
            outcome = fire(web.port, [*lines, *pages])
        rows = [part.figures(outcome.elapsed_seconds) for part in parts]
        runs = json.loads(site.python("-c", RUNS))
    figures.show("soak, requests", list(_requests(outcome)))
    figures.show("soak, worker", [_run(name, *run) for name, run in runs.items()])
    figures.show("soak, memory and CPU", [*rows, together(parts, rows)])


def _requests(outcome: Outcome) -> Iterator[dict[str, Value]]:
    for kind, name in (("", "ingest"), (PAGE, "dashboards")):
        took = outcome.milliseconds(kind)
        yield {
            "requests": name,
            "answered": len(took),
            "per_second": round(len(took) / outcome.elapsed_seconds, 1),
            "p50_ms": round(figures.quantile(took, 0.5), 2),
            "p99_ms": round(figures.quantile(took, 0.99), 2),
            "longest_ms": round(took[-1], 1) if took else None,
        }
    yield {"requests": "errors", "answered": len(outcome.errors)}


def _run(name: str, ok: bool, detail: str, took_seconds: float | None) -> dict[str, Value]:
    outcome = "running" if took_seconds is None else "ok" if ok else "failed"
    return {"task": name, "outcome": outcome, "detail": detail, "took_seconds": took_seconds}


def _memory(bytes_seen: Sequence[int]) -> dict[str, Value]:
    """Return what was read last and at most, None where nothing was."""
    if not bytes_seen:
        return {"pss_mb": None, "pss_mb_at_most": None}
    last, most = bytes_seen[-1], max(bytes_seen)
    return {"pss_mb": round(last / MEGABYTE, 1), "pss_mb_at_most": round(most / MEGABYTE, 1)}


def together(parts: Sequence[Watched], rows: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """Return what all parts took: of memory at the same moments."""
    every = [sum(seen) for seen in zip(*(part.bytes_seen for part in parts), strict=False)]
    numbers = [[row[name] for row in rows] for name in ("processes", "cpu_percent")]
    processes, cpu = (sum(n for n in each if isinstance(n, int | float)) for each in numbers)
    return {
        "part": "together",
        "processes": processes,
        **_memory(every),
        "cpu_percent": round(cpu, 1),
    }


def main() -> None:
    """Fill a server, load it, show what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    with server.site(agents=options.agents) as site:
        fill(site, options.agents)
        soak(site, options)


if __name__ == "__main__":
    main()
