"""The server as it does: what is stored, what comes in, what the worker did, and what is wrong."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import connection

from dashboard import units
from metrics.queries import (
    HEARTBEAT,
    IngestRates,
    Run,
    StorageFigures,
    Tier,
    TierFigures,
    ingest_rates,
    is_worker_alive,
    last_runs,
    storage,
)

SEALED_WITHIN: Final = timedelta(minutes=150)
"""Samples are sealed one to two hours after they were taken; then something is wrong."""

_TIERS: Final = {
    Tier.RAW: ("raw", "Samples"),
    Tier.FIVE_MINUTES: ("five-minutes", "5 minutes"),
    Tier.ONE_HOUR: ("one-hour", "1 hour"),
    Tier.DAMAGED: ("damaged", "Damaged"),
}
_MILLISECONDS: Final = 1000
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the database's file, and its place in a bar that is 100 wide."""

    name: str
    title: str
    data_bytes: int
    rows: int | None = None
    figures: TierFigures | None = None
    offset: float = 0.0
    width: float = 0.0

    @property
    def kept(self) -> str:
        """For how long, empty where there is no such time."""
        if self.figures is None:
            return "1 to 2 h" if self.name == "hot" else ""
        days = self.figures.keep_days
        return units.duration(days * _DAY_SECONDS) if days else "ever"

    @property
    def values(self) -> int | None:
        """How many there are, where that is known."""
        return self.figures.values if self.figures else None

    @property
    def bytes_a_value(self) -> float | None:
        """What one takes, where there are some."""
        return self.figures.bytes_a_value if self.figures else None


@dataclass(frozen=True, slots=True)
class Task:
    """One of the worker's tasks, and its last run, None before the first."""

    title: str
    run: Run | None

    @property
    def started_at(self) -> datetime | None:
        """When it last began."""
        return self.run.started_at if self.run else None

    @property
    def took_seconds(self) -> float | None:
        """How long it ran."""
        return self.run.took_seconds if self.run else None

    @property
    def waited_seconds(self) -> float | None:
        """How long it waited for the worker."""
        return self.run.lag_seconds if self.run else None


@dataclass(frozen=True, slots=True)
class ServerPage:
    """All that the page shows."""

    storage: StorageFigures
    rates: IngestRates
    parts: Sequence[Part]
    tasks: Sequence[Task]
    is_worker_alive: bool
    queue_lag_seconds: float | None
    troubles: Sequence[str]
    facts: Mapping[str, str]
    now: datetime

    @classmethod
    def load(cls, *, now: datetime) -> Self:
        """Ask for everything."""
        figures, runs, alive = storage(now=now), last_runs(), is_worker_alive(now=now)
        beat = runs.get(HEARTBEAT)
        tasks = _tasks(runs)
        return cls(
            storage=figures,
            rates=ingest_rates(now=now),
            parts=list(parts_of(figures)),
            tasks=tasks,
            is_worker_alive=alive,
            queue_lag_seconds=beat.lag_seconds if beat else None,
            troubles=list(troubles_of(figures, tasks, is_worker_alive=alive, now=now)),
            facts=_facts(),
            now=now,
        )

    @property
    def is_empty(self) -> bool:
        """True if no sample was ever stored."""
        return not self.storage.hot_rows and not any(each.chunks for each in self.storage.tiers)

    @property
    def oldest_hot_seconds(self) -> float | None:
        """How old the oldest sample is that is not sealed."""
        oldest = self.storage.oldest_hot_at
        return (self.now - oldest).total_seconds() if oldest else None

    @property
    def p50_milliseconds(self) -> float | None:
        """How long half of the agents' requests took at most."""
        return _scaled(self.rates.p50_seconds)

    @property
    def p99_milliseconds(self) -> float | None:
        """How long all but one of a hundred took at most, in the worst minute."""
        return _scaled(self.rates.p99_seconds)


def parts_of(figures: StorageFigures) -> Iterator[Part]:
    """Yield what the database's file is made of: hot, sealed, all the rest, and free pages."""
    known = [
        Part("hot", "Fresh", figures.hot_bytes, rows=figures.hot_rows),
        *(
            Part(*_TIERS[each.tier], each.data_bytes, rows=each.chunks, figures=each)
            for each in figures.tiers
            if each.chunks or each.tier is not Tier.DAMAGED
        ),
    ]
    free = figures.free_bytes or 0
    # No less than nothing, because what is hot is an estimate.
    rest = max(0, figures.database_bytes - free - sum(part.data_bytes for part in known))
    parts = [*known, Part("rest", "Indexes and the rest", rest), Part("free", "Free pages", free)]
    whole = max(1, sum(part.data_bytes for part in parts))
    offset = 0.0
    for part in parts:
        width = 100 * part.data_bytes / whole
        yield replace(part, offset=round(offset, 2), width=round(width, 2))
        offset += width


def troubles_of(
    figures: StorageFigures, tasks: Sequence[Task], *, is_worker_alive: bool, now: datetime
) -> Iterator[str]:
    """Yield what a person should see to, each as a sentence with what to do."""
    if not is_worker_alive:
        yield (
            "The worker is not running, or hangs. Samples are taken, but nothing is sealed or "
            "dropped. Start it, and look at its log."
        )
    oldest = figures.oldest_hot_at
    if oldest is not None and now - oldest > SEALED_WITHIN:
        waited = units.duration((now - oldest).total_seconds())
        yield (
            f"Sealing is behind: the oldest samples have waited {waited}. The worker's log says "
            "why; manage.py seal does it at once."
        )
    for task in tasks:
        if task.run and task.run.finished_at and not task.run.ok:
            yield f"“{task.title}” failed: {task.run.detail}. The worker's log tells more."
    if not _has_room(figures):
        yield (
            "At today's rate the disk is full within a year. Keep samples for less long, report "
            "less often, or give it more room."
        )
    damaged = sum(each.chunks for each in figures.tiers if each.tier is Tier.DAMAGED)
    if damaged:
        yield (
            f"{damaged} stored day{'s' * (damaged > 1)} could not be read in full. See to the "
            "disk; a back-up may have the rest."
        )


def _has_room(figures: StorageFigures) -> bool:
    if figures.year_bytes is None or figures.disk_free_bytes is None:
        return True
    return figures.year_bytes - figures.database_bytes <= figures.disk_free_bytes


def _tasks(runs: Mapping[str, Run]) -> list[Task]:
    """Return the tasks of the clock, called as the settings call them."""
    schedule: Mapping[str, Mapping[str, str]] = settings.CELERY_BEAT_SCHEDULE
    return [Task(title.capitalize(), runs.get(each["task"])) for title, each in schedule.items()]


def _facts() -> dict[str, str]:
    database = ".".join(str(part) for part in connection.get_database_version())
    return {
        "taraSysDash": settings.VERSION,
        "Python": platform.python_version(),
        connection.display_name: database,
        "System": f"{platform.system()} {platform.release()}",
    }


def _scaled(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * _MILLISECONDS
