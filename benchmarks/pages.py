"""How quickly pages of history are answered: `python -m benchmarks.pages`.

A fleet has sent for 25 hours, the last two a sample a request as agents do, and what is older is
sealed. Then programs ask the read API over HTTP, one after the other over one connection, for 12
series of random agents: an hour, a day, a week, a month, a year. What lies before the 25 hours is
one day repeated (benchmarks.past). VictoriaMetrics answers the same hours and days, minimum, mean
and maximum too.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from benchmarks import bodies, feed, figures, fleet, server, victoria
from benchmarks.bodies import Sender
from benchmarks.feed import Target
from benchmarks.figures import Value
from benchmarks.history import checked
from benchmarks.load import Shot, fire

METRICS: Final = (
    "cpu_percent",
    "cpu_user_percent",
    "cpu_system_percent",
    "cpu_iowait_percent",
    "load_1m",
    "memory_percent",
    "memory_used_bytes",
    "memory_cached_bytes",
    "process_count",
    "device_read_bytes_per_second",
    "device_written_bytes_per_second",
    "device_busy_percent",
)
POINTS: Final = 481
CONNECTIONS: Final = 8
SENT_HOURS: Final = 23
LIVE_HOURS: Final = 2
WARM_UP: Final = 20
STEPS_SECONDS: Final = (10, 15, 20, 30, 60, 180, 300)


class Span(NamedTuple):
    """One kind of page: its name and how many hours it shows."""

    name: str
    hours: int


SPANS: Final = (
    Span("1 h", 1),
    Span("24 h", 24),
    Span("7 d", 7 * 24),
    Span("30 d", 30 * 24),
    Span("1 y", 365 * 24),
)


def send(port: int, target: Target, senders: Sequence[Sender], *, live_samples: int) -> int:
    """Send the fleet's 25 hours up to now; return when they end, in Unix seconds.

    Those of the last two go `live_samples` a request.
    """
    end_ms = feed.now_ms()
    live_ms = end_ms - LIVE_HOURS * 3_600_000
    first_ms = live_ms - SENT_HOURS * 3_600_000
    for start_ms, hours, samples in (
        (first_ms, SENT_HOURS, 60),
        (live_ms, LIVE_HOURS, live_samples),
    ):
        lines = feed.history(
            target,
            senders,
            first_ms=start_ms,
            count=round(hours * 3600 / fleet.INTERVAL_SECONDS),
            spacing_seconds=fleet.INTERVAL_SECONDS,
            samples=samples,
            connections=CONNECTIONS,
        )
        checked(fire(port, lines))
    return end_ms // 1000


def tara(options: argparse.Namespace) -> dict[str, dict[str, Value]]:
    """Return our figures by span."""
    with server.site(agents=options.agents) as site:
        with server.web(site) as running:
            end = send(running.port, feed.TARA, site.senders, live_samples=1)
        site.manage("seal")
        site.python("-m", "benchmarks.past", "--days", "365")
        token = site.manage("gen_token", "--read", "bench").strip().splitlines()[-1]

        def ask(sender: Sender, span: Span) -> Shot:
            """Return a request of our read API for one agent."""
            start = end - span.hours * 3600
            asked = {"metric": ",".join(METRICS), "start": start, "end": end, "points": POINTS}
            query = urlencode(asked)
            path = f"/api/v1/agents/{sender.agent_id}/series/?{query}"
            data = bodies.get(path, headers=f"Authorization: Bearer {token}\r\n")
            return Shot(data, b'"metric":"process_count"')

        with server.web(site) as running:
            return {
                span.name: measured(running.port, site.senders, span, ask, options.pages)
                for span in SPANS
            }


def peer(options: argparse.Namespace) -> dict[str, dict[str, Value]]:
    """Return VictoriaMetrics' figures by span, of those that it has."""
    senders = [Sender(f"bench-{number}", "") for number in range(options.agents)]
    with victoria.running() as found:
        end = send(found.running.port, feed.VICTORIA_IMPORT, senders, live_samples=60)
        found.settle()
        names = "|".join(f"{bodies.MEASUREMENT}_{metric}" for metric in METRICS)

        def ask(sender: Sender, span: Span) -> Shot:
            """Return the same question as the peer understands it."""
            step = next(each for each in STEPS_SECONDS if span.hours * 3600 / each < POINTS)
            selector = f'{{__name__=~"{names}",agent="{sender.agent_id}"}}'
            query = f"rollup({selector}[{step}s]) keep_metric_names"
            start = end - span.hours * 3600
            path = f"/api/v1/query_range?query={quote(query)}&start={start}&end={end}&step={step}s"
            return Shot(bodies.get(f"{path}&nocache=1"), b"tara_process_count")

        return {
            span.name: measured(found.running.port, senders, span, ask, options.pages)
            for span in SPANS
            if span.hours <= SENT_HOURS + LIVE_HOURS
        }


def measured(
    port: int,
    senders: Sequence[Sender],
    span: Span,
    ask: Callable[[Sender, Span], Shot],
    count: int,
) -> dict[str, Value]:
    """Return how long pages of a span took."""
    rng = random.Random(span.name)
    shots = [ask(rng.choice(senders), span) for _ in range(WARM_UP + count)]
    checked(fire(port, [shots[:WARM_UP]]))
    started = time.perf_counter()
    outcome = checked(fire(port, [shots[WARM_UP:]]))
    taken = outcome.milliseconds()
    return {
        "pages": count,
        "p50_ms": round(figures.quantile(taken, 0.5), 2),
        "p95_ms": round(figures.quantile(taken, 0.95), 2),
        "pages_per_second": round(count / (time.perf_counter() - started)),
    }


def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    ours = tara(options)
    theirs = peer(options) if victoria.command() and not options.alone else {}
    rows: list[dict[str, Value]] = []
    for name, row in ours.items():
        rows.append({"page": name, "system": server.NAME, **row})
        if name in theirs:
            rows.append({"page": name, "system": victoria.NAME, **theirs[name]})
            compared = figures.ratios(row, theirs[name], ["p50_ms", "p95_ms"])
            rows.append({"page": name, "system": "ours / peer's", **compared})
    title = f"pages: {options.agents} agents, {len(METRICS)} series, at most {POINTS} points"
    figures.show(title, rows)


def main() -> None:
    """Print the figures as tables and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--pages", type=int, default=200, help="asked for of each kind")
    parser.add_argument("--alone", action="store_true", help="without VictoriaMetrics")
    options = parser.parse_args()
    if not victoria.command():
        print(victoria.MISSING)
    run(options)


if __name__ == "__main__":
    main()
