"""What history costs on the disk, and what sealing costs: `python -m benchmarks.history`.

Sends a whole past UTC day of a fleet through the HTTP door, 60 samples a request, seals it, and
counts everything: the database with its indexes, free pages and coarser tiers, after a checkpoint
of its log, less what it took before the first sample.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from benchmarks import feed, figures, fleet, server, victoria
from benchmarks.bodies import Sender
from benchmarks.figures import Value
from benchmarks.load import Outcome, fire
from benchmarks.lock_probe import probing
from benchmarks.processes import size_on_disk
from benchmarks.server import Site

# What the worker does every hour: it gives back the pages that sealing has freed.
PRUNE = "import django; django.setup(); from metrics.tasks import prune; prune()"

DAY_SECONDS = 86_400
SEALED_AFTER_SECONDS = 2 * 3600
VALUES_A_SAMPLE = 60
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Extent:
    """How much history: `samples` of each of `agents` from `first_ms`."""

    agents: int
    samples: int
    first_ms: int

    @property
    def values(self) -> int:
        """All numbers in it."""
        return self.agents * self.samples * VALUES_A_SAMPLE


def extent_of(options: argparse.Namespace) -> Extent:
    """Return the last hours of the last UTC day that is old enough to be sealed."""
    last_day = int(time.time() - SEALED_AFTER_SECONDS) // DAY_SECONDS * DAY_SECONDS
    first = last_day - options.hours * 3600
    samples = round(options.hours * 3600 / fleet.INTERVAL_SECONDS)
    return Extent(options.agents, samples, first * 1000)


def tara(extent: Extent) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """Return our figures, and the bytes by table."""
    with server.site(agents=extent.agents) as site:
        checkpoint(site)
        empty = size_on_disk(site.database)
        with server.web(site) as running:
            lines = feed.history(
                feed.TARA,
                site.senders,
                first_ms=extent.first_ms,
                count=extent.samples,
                spacing_seconds=fleet.INTERVAL_SECONDS,
                connections=CONNECTIONS,
            )
            sent = checked(fire(running.port, lines))
            with probing(site.database) as waits:
                idle_seconds = cpu_of(site, "check")
                seal_seconds = cpu_of(site, "seal") - idle_seconds
                site.python("-c", PRUNE)
        checkpoint(site)
        size = size_on_disk(site.database) - empty
        row: dict[str, Value] = {
            "system": server.NAME,
            "values": extent.values,
            "bytes_a_value": round(size / extent.values, 4),
            "disk_mib": round(size / 2**20, 2),
            "unsealed_batches": _one(site, "SELECT count(*) FROM metrics_batch"),
            "free_pages": _one(site, "PRAGMA freelist_count"),
            "sent_values_per_second": round(extent.values / sent.elapsed_seconds),
            "sealed_values_per_cpu_second": round(extent.values / max(seal_seconds, 0.01)),
            "longest_write_ms": round(waits.longest_ms, 1),
        }
        return row, tables(site, extent.values)


def peer(extent: Extent) -> dict[str, Value]:
    """Return VictoriaMetrics' figures."""
    senders = [Sender(f"bench-{number}", "") for number in range(extent.agents)]
    with victoria.running() as found:
        lines = feed.history(
            feed.VICTORIA_IMPORT,
            senders,
            first_ms=extent.first_ms,
            count=extent.samples,
            spacing_seconds=fleet.INTERVAL_SECONDS,
            connections=CONNECTIONS,
        )
        sent = checked(fire(found.running.port, lines))
        found.settle()
        size = found.size()
    return {
        "system": victoria.NAME,
        "values": extent.values,
        "bytes_a_value": round(size / extent.values, 4),
        "disk_mib": round(size / 2**20, 2),
        "sent_values_per_second": round(extent.values / sent.elapsed_seconds),
    }


def checked(outcome: Outcome) -> Outcome:
    """Return the outcome. Raises RuntimeError if an answer was not as expected."""
    if outcome.errors:
        raise RuntimeError(f"{len(outcome.errors)} requests failed: {outcome.errors[0]}")
    return outcome


def cpu_of(site: Site, command: str) -> float:
    """Run a command of manage.py and return the CPU seconds it took, its start among them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    site.manage(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def checkpoint(site: Site) -> None:
    """Move what SQLite's log holds into the database file."""
    _one(site, "PRAGMA wal_checkpoint(TRUNCATE)")


def tables(site: Site, values: int) -> list[dict[str, Value]]:
    """Return the largest tables and indexes by size; none where SQLite is built without dbstat."""
    query = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 6"
    with closing(sqlite3.connect(site.database)) as database:
        try:
            found = database.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []
    return [
        {"table": name, "kib": round(size / 1024), "bytes_a_value": round(size / values, 4)}
        for name, size in found
    ]


def _one(site: Site, query: str) -> int:
    with closing(sqlite3.connect(site.database, timeout=20)) as database:
        return int(database.execute(query).fetchone()[0])


def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    extent = extent_of(options)
    ours, by_table = tara(extent)
    rows = [ours]
    if victoria.command() and not options.alone:
        rows.append(peer(extent))
        compared = figures.ratios(ours, rows[1], ["bytes_a_value", "sent_values_per_second"])
        rows.append({"system": "ours / peer's", **compared})
    figures.show(f"history: {options.agents} agents, {options.hours} hours", rows)
    if by_table:
        figures.show("history: the largest tables and indexes", by_table)


def main() -> None:
    """Print the figures as tables and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--alone", action="store_true", help="without VictoriaMetrics")
    options = parser.parse_args()
    if not victoria.command():
        print(victoria.MISSING)
    run(options)


if __name__ == "__main__":
    main()
