"""What happened to an agent, as ingest learns it: it came, fell silent, started anew, changed.

Nothing is asked for it: facts are compared where they are stored anyhow, and a silence is what the
state that every request reads says. A row is written when something happened, and not otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from agents.facts import Change
from agents.models import Agent
from metrics.groups import State
from metrics.models import AgentEvent, AgentState

KEPT_DAYS: Final = 400
KEPT_OF_AN_AGENT: Final = 1000
"""An agent whose facts change with every report, by a fault or on purpose, fills no disk."""

SHOWN_AT_MOST: Final = 200
ROWS_A_TRANSACTION: Final = 500


class EventKind(StrEnum):
    """What can happen to an agent; the value is what the database holds."""

    FIRST = "first"
    LOST = "lost"
    BACK = "back"
    REBOOT = "reboot"
    KERNEL = "kernel"
    SYSTEM = "system"
    VERSION = "version"
    ADDRESS = "address"
    HOSTNAME = "hostname"
    CORES = "cores"
    MEMORY = "memory"


_OF_FACTS: Final = {
    "boot_id": EventKind.REBOOT,
    "kernel": EventKind.KERNEL,
    "os": EventKind.SYSTEM,
    "agent_version": EventKind.VERSION,
    "address": EventKind.ADDRESS,
    "hostname": EventKind.HOSTNAME,
    "cpu_count": EventKind.CORES,
    "memory_total_bytes": EventKind.MEMORY,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an agent; `before` and `after` are texts, empty where none fit."""

    at: datetime
    kind: EventKind
    before: str = ""
    after: str = ""


def of_contact(state: State, *, agent_pk: int, received_ms: int, backlog: int) -> list[AgentEvent]:
    """Return the rows of a request that came after its deadline: the first, or after a silence.

    Of a silence, what it kept meanwhile is told: then only the way to the server was cut.
    """
    if not state.last_seen_ms:
        return [_row(agent_pk, received_ms, EventKind.FIRST)]
    kept = str(backlog) if backlog else ""
    return [
        _row(agent_pk, state.last_seen_ms, EventKind.LOST),
        _row(agent_pk, received_ms, EventKind.BACK, after=kept),
    ]


def of_changes(changes: Sequence[Change], *, agent_pk: int, received_ms: int) -> list[AgentEvent]:
    """Return a row for each change that matters; a fact that was not known before is none."""
    return [
        _row(agent_pk, received_ms, _OF_FACTS[fact], before=str(before), after=str(after))
        for fact, before, after in changes
        if fact in _OF_FACTS and before and after
    ]


def events(agent: Agent, *, start: datetime, end: datetime, now: datetime) -> list[Event]:
    """Return what happened in [start, end), newest first, the newest 200 at most.

    An agent that is silent at `now` has that as its newest event. Source: AgentEvent, AgentState.
    """
    span = {"at_ms__gte": _ms(start), "at_ms__lt": _ms(end)}
    rows = AgentEvent.objects.filter(agent=agent, **span).order_by("-at_ms", "-pk")
    found = [
        Event(_at(row.at_ms), EventKind(row.kind), row.before, row.after)
        for row in rows[:SHOWN_AT_MOST]
    ]
    silence = _silence(agent, now=now)
    if silence is not None and start <= silence.at < end:
        found.insert(0, silence)
    return found


def prune(*, now: datetime) -> int:
    """Delete what is older than 400 days, and all but the newest 1,000 of an agent."""
    oldest_ms = _ms(now - timedelta(days=KEPT_DAYS))
    deleted = 0
    for agent_pk in list(AgentEvent.objects.values_list("agent_id", flat=True).distinct()):
        kept_from = max(oldest_ms, _newest_kept_ms(agent_pk))
        deleted += sum(_delete_in_steps(agent_pk, before_ms=kept_from))
    return deleted


def _silence(agent: Agent, *, now: datetime) -> Event | None:
    """Return since when an agent that should report does not; None if all is well."""
    state = AgentState.objects.filter(agent=agent).first() if agent.enabled else None
    if state is None or _ms(now) < state.deadline_ms:
        return None
    return Event(_at(state.last_seen_ms), EventKind.LOST)


def _newest_kept_ms(agent_pk: int) -> int:
    rows = AgentEvent.objects.filter(agent=agent_pk).order_by("-at_ms", "-pk")
    kept: list[int] = list(rows.values_list("at_ms", flat=True)[KEPT_OF_AN_AGENT - 1 :][:1])
    return kept[0] if kept else 0


def _delete_in_steps(agent_pk: int, *, before_ms: int) -> Iterator[int]:
    while True:
        outlived = AgentEvent.objects.filter(agent=agent_pk, at_ms__lt=before_ms)
        keys = list(outlived.values_list("pk", flat=True)[:ROWS_A_TRANSACTION])
        if not keys:
            return
        yield AgentEvent.objects.filter(pk__in=keys).delete()[0]


def _row(
    agent_pk: int, at_ms: int, kind: EventKind, *, before: str = "", after: str = ""
) -> AgentEvent:
    return AgentEvent(agent_id=agent_pk, at_ms=at_ms, kind=kind, before=before, after=after)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
