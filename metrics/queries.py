"""The one door to read what was sent: `latest`, `series`, `fleet`. Returns frozen dataclasses.

What has a module of its own, such as `storage`, is offered here too. Where the numbers come from,
hot log, sealed days or coarser tiers, is settled behind it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np

from agents.models import Agent
from agents.status import AgentStatus, status_of
from metrics import buckets, cpu_hour, history, processes, tiers
from metrics.codec import Values
from metrics.events import Event, EventKind, events
from metrics.extent import Extent, coverage_percent, extent
from metrics.layouts import series_of
from metrics.meter import IngestRates, ingest_rates
from metrics.models import AgentState, Tier
from metrics.names import SeriesKey
from metrics.runs import HEARTBEAT, Run, last_runs
from metrics.runs import is_alive as is_worker_alive
from metrics.storage import StorageFigures, TierFigures, storage
from metrics.uptime import Uptime, uptimes

__all__ = [
    "HEARTBEAT",
    "AgentOverview",
    "Event",
    "EventKind",
    "Extent",
    "IngestRates",
    "Latest",
    "Process",
    "Run",
    "Series",
    "SeriesPage",
    "Standing",
    "StorageFigures",
    "Tier",
    "TierFigures",
    "Uptime",
    "coverage_percent",
    "events",
    "extent",
    "fleet",
    "ingest_rates",
    "is_worker_alive",
    "last_runs",
    "latest",
    "series",
    "standing",
    "storage",
    "uptimes",
]

CLOCK_SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the agent saw it."""

    pid: int
    name: str
    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest live sample of an agent. `at` is when the agent took it, aware UTC.

    The processes are those it saw last, at `processes_at`: it looks at them less often.
    """

    at: datetime
    values: Mapping[SeriesKey, float]
    processes: Sequence[Process]
    processes_at: datetime | None

    def instances(self, metric: str) -> dict[str, float]:
        """Return the metric's value by instance; empty where there is none."""
        return {key.instance: value for key, value in self.values.items() if key.metric == metric}

    def value(self, metric: str) -> float | None:
        """Return the value of a metric without instances, None where the agent does not send it."""
        return self.values.get(SeriesKey(metric, ""))


@dataclass(frozen=True, slots=True)
class Series:
    """One value a bucket, NaN for one without samples. The arrays are equally long."""

    mean: Values
    minimum: Values
    maximum: Values


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """Series over common buckets; `times` are their starts in Unix seconds.

    `tier` is the coarsest that was read. `spacing_seconds` is how far apart the samples lie: the
    agent's interval, or more if it sends less often.
    """

    times: list[float]
    step_seconds: float
    spacing_seconds: float
    series: Mapping[SeriesKey, Series]
    tier: Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent is, when it was last heard of, and what it last said.

    `clock_skew_seconds` is how far its clock is behind the server's; negative if it is ahead.
    """

    status: AgentStatus
    last_seen_at: datetime | None
    latest: Latest | None
    clock_skew_seconds: float = 0.0

    @property
    def skew_seconds(self) -> float:
        """How far off the machine's clock is, either way."""
        return abs(self.clock_skew_seconds)

    @property
    def is_clock_wrong(self) -> bool:
        """True if the machine's clock is so far off that its charts are shifted."""
        return self.skew_seconds > CLOCK_SKEW_SECONDS

    @property
    def uptime_seconds(self) -> float | None:
        """How long the machine has been running."""
        return self.latest.value("uptime_seconds") if self.latest else None


@dataclass(frozen=True, slots=True)
class AgentOverview:
    """One agent as a list shows it. `cpu_percent_hour` is that of `cpu_hour.means`."""

    agent: Agent
    standing: Standing
    cpu_percent_hour: list[float | None]


def latest(agent: Agent) -> Latest | None:
    """Return the newest live sample, None before the first. Source: AgentState."""
    state = AgentState.objects.filter(agent=agent).first()
    return _latest_of([state])[state.pk] if state else None


def standing(agent: Agent, *, now: datetime) -> Standing:
    """Return how the agent is at `now`. Source: AgentState."""
    states = AgentState.objects.in_bulk([agent.pk])
    return _standings([agent], states, now=now)[agent.pk]


def series(
    agent: Agent,
    metrics: Collection[str] | None,
    *,
    start: datetime,
    end: datetime,
    points: int,
    at_least_seconds: int | None = None,
) -> SeriesPage:
    """Return every series of `metrics`, or all, in [start, end) as at most `points` buckets.

    Buckets are aligned to UTC and no shorter than the samples lie apart: shorter ones would be
    empty every other time, and a line drawn through them would look like gaps. Whoever draws across
    such gaps says in `at_least_seconds` how short they may be. Nor are they shorter than those of
    the tier that reaches back to `start`. A metric that has no sample in the range has no entry.
    Source: Batch and Chunk.
    """
    finest = history.finest_seconds(agent.pk, start_ms=_ms(start), end_ms=_ms(end))
    at_least = max(at_least_seconds or agent.interval_seconds, finest)
    widest = grid = buckets.grid(start, end, points=points, at_least_seconds=at_least)
    gathered = history.read(agent.pk, grid, metrics=metrics)
    spacing = max(agent.interval_seconds, gathered.spacing_seconds())
    if at_least_seconds is None:
        # A little less, for samples are never apart by exactly as much as was meant.
        at_least = max(at_least, math.ceil(spacing * 0.8))
    grid = buckets.grid(start, end, points=points, at_least_seconds=at_least)
    if grid != widest:
        # Longer buckets begin earlier and end later: the ones at the edges must be whole too.
        gathered = history.read(agent.pk, grid, metrics=metrics)
    found = gathered.gridded()
    rows = zip(found.means, found.minima, found.maxima, strict=True)
    page = {key: Series(*row) for key, row in zip(found.keys, rows, strict=True)}
    tier = tiers.for_step(grid.step_ms).tier
    return SeriesPage(grid.times(), grid.step_ms / 1000, spacing, page, tier)


def fleet(agents: Sequence[Agent], *, now: datetime) -> list[AgentOverview]:
    """Return one overview an agent, in the order given, in a constant number of queries.

    Source: AgentState.
    """
    # Not by in_bulk, which asks SQLite a thousand at a time.
    wanted = [agent.pk for agent in agents]
    states = {state.pk: state for state in AgentState.objects.filter(pk__in=wanted)}
    standings = _standings(agents, states, now=now)
    hours = {agent.pk: b"" for agent in agents}
    hours |= {pk: state.cpu_hour for pk, state in states.items()}
    means = cpu_hour.means(hours, now=now)
    return [AgentOverview(agent, standings[agent.pk], means[agent.pk]) for agent in agents]


def _standings(
    agents: Sequence[Agent], states: Mapping[int, AgentState], *, now: datetime
) -> dict[int, Standing]:
    newest = _latest_of(list(states.values()))
    found = {}
    for agent in agents:
        state = states.get(agent.pk)
        found[agent.pk] = Standing(
            status=status_of(agent, deadline_ms=state.deadline_ms if state else None, now=now),
            last_seen_at=_at(state.last_seen_ms) if state else None,
            latest=newest.get(agent.pk),
            clock_skew_seconds=state.clock_skew_ms / 1000 if state else 0.0,
        )
    return found


def _latest_of(states: Sequence[AgentState]) -> dict[int, Latest | None]:
    """Return the newest live sample of each state, by agent."""
    layouts = series_of([state.latest_layout_id for state in states if state.latest_layout_id])
    return {state.pk: _decode_latest(state, layouts) for state in states}


def _decode_latest(
    state: AgentState, layouts: Mapping[int, tuple[SeriesKey, ...]]
) -> Latest | None:
    if state.latest_ms is None or state.latest_layout_id is None:
        return None
    keys = layouts[state.latest_layout_id]
    row = np.frombuffer(state.latest_values, dtype="<f8").tolist()
    values = dict(zip(keys, row, strict=True))
    seen = processes.unpacked(state.latest_processes)
    return Latest(
        at=_at(state.latest_ms),
        values=values,
        processes=[Process(**msgspec.structs.asdict(each)) for each in seen.processes]
        if seen
        else [],
        processes_at=_at(seen.time_ms) if seen else None,
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
