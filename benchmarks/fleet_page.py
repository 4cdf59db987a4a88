"""What the fleet's page costs: `python -m benchmarks.fleet_page`.

A fleet has sent its last hour and sends on. Pages that are open poll every five seconds, all alike
or each with a filter of its own, and take the whole fragment each time, as if all had changed. Then
a fleet of thousands is asked for after every cache has run out. Last, Chromium opens the page of
the first fleet (benchmarks.fleet_browser).
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks import bodies, feed, figures, fleet_browser, server
from benchmarks.feed import Feed
from benchmarks.figures import Value
from benchmarks.history import checked
from benchmarks.load import Shot, fire
from benchmarks.processes import Running
from benchmarks.server import Site

PERIOD_SECONDS: Final = 5
INTERVAL_SECONDS: Final = 10
HOUR_SECONDS: Final = 3600
SEND_CONNECTIONS: Final = 8
COLD_SECONDS: Final = 4.2
"""Longer than lines and a fragment of them are kept, one after the other."""


def send_hour(running: Running, site: Site, *, spacing_seconds: float, samples: int) -> None:
    """Send every agent's last hour, `samples` a request."""
    lines = feed.history(
        feed.TARA,
        site.senders,
        first_ms=feed.now_ms() - HOUR_SECONDS * 1000,
        count=round(HOUR_SECONDS / spacing_seconds),
        spacing_seconds=spacing_seconds,
        samples=samples,
        connections=SEND_CONNECTIONS,
    )
    checked(fire(running.port, lines))


@contextmanager
def reporting(running: Running, site: Site, *, seconds: float) -> Iterator[None]:
    """Let every agent send a sample each interval meanwhile."""
    live = Feed(
        feed.TARA,
        site.senders,
        samples=1,
        spacing_seconds=INTERVAL_SECONDS,
        first_ms=feed.now_ms(),
    )
    rate = len(site.senders) / INTERVAL_SECONDS
    lines = live.paced(rate, seconds=seconds, connections=SEND_CONNECTIONS)
    sender = threading.Thread(target=lambda: checked(fire(running.port, lines)))
    sender.start()
    try:
        yield
    finally:
        sender.join()


def poll(cookie: str, path: str) -> bytes:
    """Return a poll of the fragment."""
    headers = (
        f"Cookie: {cookie}\r\nAccept-Encoding: gzip\r\n"
        "HX-Request: true\r\nHX-Request-Type: partial\r\nHX-Source: div#fleet\r\n"
    )
    return bodies.get(path, headers=headers)


def polled(
    running: Running, site: Site, options: argparse.Namespace, *, path_of: Callable[[int], str]
) -> dict[str, Value]:
    """Return what it costs that `pages` are open; `path_of` says what each of them shows."""
    cookie = site.session_cookie()
    pages, seconds = options.pages, options.seconds
    lines = [
        [
            Shot(
                poll(cookie, path_of(page)), b"200 OK", due_at=turn + page * PERIOD_SECONDS / pages
            )
            for turn in range(0, seconds, PERIOD_SECONDS)
        ]
        for page in range(pages)
    ]
    with reporting(running, site, seconds=seconds):
        before, started = running.cpu_seconds(), time.perf_counter()
        outcome = checked(fire(running.port, lines))
        elapsed = time.perf_counter() - started
        used = running.cpu_seconds() - before
    taken = outcome.milliseconds()
    return {
        "polls": len(taken),
        "cpu_percent_of_a_core": round(100 * used / elapsed, 1),
        "p50_ms": round(figures.quantile(taken, 0.5), 1),
        "p95_ms": round(figures.quantile(taken, 0.95), 1),
    }


def cold(running: Running, site: Site, *, count: int) -> dict[str, Value]:
    """Return how long a whole page takes that nobody has asked for lately."""
    cookie = site.session_cookie()
    page = bodies.get("/", headers=f"Cookie: {cookie}\r\nAccept-Encoding: gzip\r\n")
    shots = [Shot(page, b"200 OK", due_at=turn * COLD_SECONDS) for turn in range(count + 1)]
    taken = sorted(each.milliseconds for each in checked(fire(running.port, [shots])).answered[1:])
    return {
        "polls": count,
        "p50_ms": round(figures.quantile(taken, 0.5), 1),
        "p95_ms": round(figures.quantile(taken, 0.95), 1),
    }


def open_pages(options: argparse.Namespace) -> tuple[list[dict[str, Value]], dict[str, Value]]:
    """Return what open pages of a fleet cost the server, and what one costs a browser."""
    cases: dict[str, Callable[[int], str]] = {
        "all alike": lambda _: "/",
        "each another filter": lambda page: "/?q=bench" + "+" * page,
    }
    fleet_browser.collect_static()
    with server.site(agents=options.agents) as site, server.web(site) as running:
        send_hour(running, site, spacing_seconds=INTERVAL_SECONDS, samples=60)
        rows: list[dict[str, Value]] = [
            {"pages": name, "agents": options.agents}
            | polled(running, site, options, path_of=path_of)
            for name, path_of in cases.items()
        ]
        with reporting(running, site, seconds=fleet_browser.SECONDS):
            seen = fleet_browser.measured(running.port, site.session_cookie())
    return rows, seen


def large(options: argparse.Namespace) -> dict[str, Value]:
    """Return what one page of a large fleet costs."""
    with server.site(agents=options.large) as site, server.web(site) as running:
        send_hour(running, site, spacing_seconds=60, samples=60)
        return {"pages": "nothing cached", "agents": options.large} | cold(running, site, count=6)


def main() -> None:
    """Print the figures as tables and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--large", type=int, default=5000, help="agents of the large fleet")
    parser.add_argument("--pages", type=int, default=100, help="that are open and poll")
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    rows, seen = open_pages(options)
    figures.show("the fleet's page", [*rows, large(options)])
    figures.show("the fleet's page in Chromium", [seen])


if __name__ == "__main__":
    main()
