"""What share of a stretch of days agents were up, from the silences among their events.

A silence whose samples came later counts as none: only the way to the server was cut. Reading takes
two queries for any number of agents, where counting samples would take several for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from agents.models import Agent
from metrics.events import EventKind
from metrics.models import AgentEvent, AgentState

_DAY_MS: Final = 86_400_000
_KINDS: Final = (EventKind.FIRST, EventKind.LOST, EventKind.BACK)


@dataclass(frozen=True, slots=True)
class Uptime:
    """Shares in percent. `days` are spans of 24 h up to now, oldest first; None before an agent."""

    percent: float
    days: tuple[float | None, ...]


class _Stretch(NamedTuple):
    """A time in ms that begins at `start` and ends before `end`."""

    start: int
    end: int

    def within(self, other: _Stretch) -> int:
        """Return for how many ms both go on."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def uptimes(agents: Sequence[Agent], *, days: int, now: datetime) -> dict[int, Uptime]:
    """Return the uptime of each agent over so many days up to `now`, or since its first report.

    One that never reported has no entry. Source: AgentEvent and AgentState.
    """
    now_ms = int(now.timestamp() * 1000)
    states = AgentState.objects.in_bulk([agent.pk for agent in agents])
    events = _events(agents)
    found = {}
    for agent in agents:
        state = states.get(agent.pk)
        if state is None:
            continue
        silences = list(_silences(events[agent.pk]))
        if agent.enabled and state.deadline_ms <= now_ms:
            silences.append(_Stretch(state.last_seen_ms, now_ms))
        begun_ms = _begun_ms(agent, events[agent.pk])
        found[agent.pk] = _uptime(silences, begun_ms, days=days, now_ms=now_ms)
    return found


def _events(agents: Sequence[Agent]) -> Mapping[int, list[AgentEvent]]:
    rows = AgentEvent.objects.filter(agent__in=agents, kind__in=_KINDS)
    found = defaultdict(list)
    for row in rows.order_by("at_ms", "pk"):
        found[row.agent_id].append(row)
    return found


def _silences(rows: Sequence[AgentEvent]) -> Iterator[_Stretch]:
    """Yield the silences of which no samples came later."""
    lost_ms: int | None = None
    for row in rows:
        if row.kind == EventKind.LOST:
            lost_ms = row.at_ms
        elif row.kind == EventKind.BACK and lost_ms is not None:
            if not row.after:
                yield _Stretch(lost_ms, row.at_ms)
            lost_ms = None


def _begun_ms(agent: Agent, rows: Sequence[AgentEvent]) -> int:
    """Return when the agent first reported, or was made, if that is longer ago than events are."""
    if rows and rows[0].kind == EventKind.FIRST:
        return int(rows[0].at_ms)
    return int(agent.created_at.timestamp() * 1000)


def _uptime(silences: Sequence[_Stretch], begun_ms: int, *, days: int, now_ms: int) -> Uptime:
    start_ms = now_ms - days * _DAY_MS
    spans = (_Stretch(at, at + _DAY_MS) for at in range(start_ms, now_ms, _DAY_MS))
    whole = _Stretch(max(start_ms, begun_ms), now_ms)
    return Uptime(
        percent=_percent(silences, whole) or 0.0,
        days=tuple(
            _percent(silences, _Stretch(max(span.start, begun_ms), span.end)) for span in spans
        ),
    )


def _percent(silences: Sequence[_Stretch], span: _Stretch) -> float | None:
    """Return the share of the span without a silence; None for a span of no length."""
    length = span.end - span.start
    if length <= 0:
        return None
    silent = sum(silence.within(span) for silence in silences)
    return 100 * max(0, length - silent) / length
