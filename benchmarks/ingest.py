"""What ingest takes: `python -m benchmarks.ingest`.

Loads a fresh server over keep-alive connections: as fast as it answers with 1, 6 and 60 samples a
request, and at a pace of 1,000 and of 100 requests a second. A sample has 60 values; each agent has
a token of its own. Every answer must say that all samples were accepted.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import feed, figures, fleet, server, slow_disk, victoria
from benchmarks.bodies import Sender
from benchmarks.feed import Feed, Target
from benchmarks.figures import Value
from benchmarks.load import Outcome, fire
from benchmarks.processes import Running

VALUES_A_SAMPLE = 60
AGENTS = 1000
AGENTS_IN_BACKFILL = 50
AGE_OF_LIVE_SECONDS = 60
AGE_OF_BACKFILL_SECONDS = 5 * 86_400
SPACING_AT_SATURATION_SECONDS = 0.5
"""At saturation an agent sends several times a second; its samples must stay near now."""
WARM_UP_REQUESTS = {1: 2000, 6: 1000, 60: 200}
HEADROOM = 1.6
"""Requests prepared for a run, in those that the warm-up's pace would need."""

COMPARED = ("requests_per_second", "values_per_second", "cpu_ms", "p50_ms", "p99_ms")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is sent. `rate` in requests a second; None for as fast as they are answered."""

    name: str
    samples: int = 1
    rate: float | None = None
    is_backfill: bool = False


# Those at a pace come first: their samples are of the moment, the others run ahead of the clock.
SCENARIOS = (
    Scenario("live, 100 requests/s", rate=100),
    Scenario("1,000 requests/s", rate=1000),
    Scenario("1 sample"),
    Scenario("6 samples", samples=6),
    Scenario("60 samples, backfill", samples=60, is_backfill=True),
)


@dataclass(slots=True)
class Subject:
    """A system that is up: what it is, its process, and who may send to it.

    `live_until_ms` is the newest time sent: an agent's samples must stay in order.
    """

    target: Target
    label: str
    running: Running
    senders: Sequence[Sender]
    live_until_ms: int = 0


@contextlib.contextmanager
def tara(synchronous: str, options: argparse.Namespace) -> Iterator[Subject]:
    """Start taraSysDash with a commit that waits for the disk (FULL) or not (NORMAL)."""
    target = feed.TARA_GZIP if options.gzip else feed.TARA
    count = AGENTS + AGENTS_IN_BACKFILL
    with contextlib.ExitStack() as stack:
        slow = stack.enter_context(slow_disk.slow_fsync()) if options.slow_fsync else {}
        site = stack.enter_context(server.site(agents=count, synchronous=synchronous))
        running = stack.enter_context(server.web(site, **slow))
        disk = ", slow fsync" if options.slow_fsync else ""
        yield Subject(target, f"{synchronous}{disk}", running, site.senders)


@contextlib.contextmanager
def peer() -> Iterator[Subject]:
    """Start VictoriaMetrics, which does not wait for the disk."""
    senders = [Sender(f"bench-{number}", "") for number in range(AGENTS + AGENTS_IN_BACKFILL)]
    with victoria.running() as found:
        yield Subject(feed.VICTORIA, "no fsync", found.running, senders)


def measure(subject: Subject, scenario: Scenario, options: argparse.Namespace) -> dict[str, Value]:
    """Warm up, send for a while, and return the figures."""
    port, connections = subject.running.port, options.connections
    if scenario.rate is not None:
        warm_up = _paced(subject, scenario.rate)
        fire(port, warm_up.paced(scenario.rate, seconds=1, connections=connections))
        source, seconds = _paced(subject, scenario.rate), None
        lines = source.paced(scenario.rate, seconds=options.seconds * 2, connections=connections)
    else:
        source, seconds = _saturating(subject, scenario), options.seconds
        rounds = -(-WARM_UP_REQUESTS[scenario.samples] // len(source.senders))
        outcome = fire(port, source.rounds(rounds, connections=connections))
        pace = len(outcome.answered) / outcome.elapsed_seconds
        rounds = 1 + int(pace * options.seconds * HEADROOM / len(source.senders))
        lines = source.rounds(rounds, connections=connections)
    if not scenario.is_backfill:
        subject.live_until_ms = source.next_ms
    before = subject.running.cpu_seconds()
    outcome = fire(port, lines, seconds=seconds)
    return _figures(subject, scenario, outcome, subject.running.cpu_seconds() - before)


def _paced(subject: Subject, rate: float) -> Feed:
    """Return requests of every agent in its turn, each of a sample that was just taken."""
    senders, spacing = subject.senders[:AGENTS], AGENTS / rate
    return Feed(subject.target, senders, samples=1, spacing_seconds=spacing, first_ms=feed.now_ms())


def _saturating(subject: Subject, scenario: Scenario) -> Feed:
    """Return requests of live samples, or of a backlog of agents that have sent nothing yet."""
    now = feed.now_ms()
    if scenario.is_backfill:
        senders, spacing = subject.senders[AGENTS:], fleet.INTERVAL_SECONDS
        first_ms = now - AGE_OF_BACKFILL_SECONDS * 1000
    else:
        senders, spacing = subject.senders[:AGENTS], SPACING_AT_SATURATION_SECONDS
        first_ms = max(subject.live_until_ms, now - AGE_OF_LIVE_SECONDS * 1000)
    target = subject.target
    if scenario.is_backfill and target is feed.VICTORIA:
        target = feed.VICTORIA_IMPORT
    return Feed(
        target,
        senders,
        samples=scenario.samples,
        spacing_seconds=spacing,
        first_ms=first_ms,
    )


def _figures(
    subject: Subject, scenario: Scenario, outcome: Outcome, cpu_seconds: float
) -> dict[str, Value]:
    count = len(outcome.answered)
    latencies = outcome.milliseconds()
    if outcome.errors:
        print(f"{len(outcome.errors)} answers were not as expected; the first: {outcome.errors[0]}")
    return {
        "sent": scenario.name,
        "system": subject.target.name,
        "commit": subject.label,
        "requests_per_second": round(count / outcome.elapsed_seconds),
        "values_per_second": round(
            count * scenario.samples * VALUES_A_SAMPLE / outcome.elapsed_seconds
        ),
        "cpu_ms": round(cpu_seconds / count * 1000, 3),
        "generator_cpu_ms": round(outcome.cpu_seconds / count * 1000, 3),
        "p50_ms": round(figures.quantile(latencies, 0.5), 2),
        "p99_ms": round(figures.quantile(latencies, 0.99), 2),
        "requests": count,
        "errors": len(outcome.errors),
    }


def run(options: argparse.Namespace) -> list[dict[str, Value]]:
    """Take all figures, each the median of its runs, ours beside the peer's."""
    scenarios = [each for each in SCENARIOS if options.only in each.name]
    subjects: list[Callable[[], contextlib.AbstractContextManager[Subject]]]
    subjects = [functools.partial(tara, mode, options) for mode in options.synchronous]
    if victoria.command() and not options.alone:
        subjects.append(peer)
    taken: dict[tuple[int, str], list[dict[str, Value]]] = {}
    for _ in range(options.runs):
        for place, start in enumerate(subjects):
            with start() as subject:
                for scenario in scenarios:
                    row = measure(subject, scenario, options)
                    taken.setdefault((place, scenario.name), []).append(row)
    medians = {key: figures.median_of(runs) for key, runs in taken.items()}
    rows = []
    for scenario in scenarios:
        of_it = [medians[place, scenario.name] for place in range(len(subjects))]
        rows += of_it
        if of_it[-1]["system"] == victoria.NAME:
            rows += [_ratio(ours, of_it[-1]) for ours in of_it[:-1]]
    return rows


def _ratio(ours: figures.Figures, peers: figures.Figures) -> dict[str, Value]:
    words = {"sent": ours["sent"], "system": "ours / peer's", "commit": ours["commit"]}
    return words | figures.ratios(ours, peers, COMPARED)


def main() -> None:
    """Print the figures as a table and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="the figures are their medians")
    parser.add_argument("--seconds", type=float, default=5.0, help="of one measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--synchronous", nargs="*", default=["NORMAL", "FULL"])
    parser.add_argument("--only", default="", help="part of the name of what is sent")
    parser.add_argument("--gzip", action="store_true", help="send our bodies compressed")
    parser.add_argument("--slow-fsync", action="store_true", help="5 ms more for each fsync")
    parser.add_argument("--alone", action="store_true", help="without VictoriaMetrics")
    options = parser.parse_args()
    if not victoria.command():
        print(victoria.MISSING)
    figures.show("ingest", run(options))


if __name__ == "__main__":
    main()
