"""What a public status page tells of the agents of a tag: name, state and uptime, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Final

from agents.models import Agent, StatusPage
from agents.status import AgentStatus, status_of
from dashboard.brief import Brief
from metrics.queries import Uptime, uptimes

DAYS: Final = 90
SECONDS: Final = 15
"""How long a page serves all who ask for it: it is for everybody, and so perhaps for many."""

AGENTS_AT_MOST: Final = 200
BAR_WIDTH: Final = 4
_PAGES_AT_MOST: Final = 64
_FULL: Final = 100
_GOOD_PERCENT: Final = 99.9
_SHOWN: Final = (AgentStatus.DOWN, AgentStatus.UP, AgentStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of 90: where it is drawn, and how it was; a day with a failure is lower as well."""

    x: int
    kind: str
    y: int


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One agent as everybody may see it."""

    name: str
    status: AgentStatus
    percent: str
    days: Sequence[Bar]
    spoken: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The whole page at one moment; `more` is how many agents there is no room for."""

    rows: Sequence[StatusRow]
    up: int
    down: int
    more: int
    at: float


_reports: Final[Brief[StatusReport]] = Brief(seconds=SECONDS, at_most=_PAGES_AT_MOST)


def report(page: StatusPage, *, now: datetime) -> StatusReport:
    """Return how the page's agents are, at most 15 s old; what is down comes first."""
    return _reports.get((page.pk, page.tag_id), lambda: _report(page, now=now))


def forget() -> None:
    """Look anew from now on."""
    _reports.forget()


def _report(page: StatusPage, *, now: datetime) -> StatusReport:
    agents = list(Agent.objects.filter(tags=page.tag_id).select_related("state"))
    found = {agent.pk: _status(agent, now=now) for agent in agents}
    agents = [agent for agent in agents if found[agent.pk] in _SHOWN]
    agents.sort(key=lambda agent: (_SHOWN.index(found[agent.pk]), str(agent).lower()))
    shown = agents[:AGENTS_AT_MOST]
    known = uptimes(shown, days=DAYS, now=now)
    statuses = [found[agent.pk] for agent in agents]
    return StatusReport(
        rows=[_row(agent, found[agent.pk], known.get(agent.pk)) for agent in shown],
        up=statuses.count(AgentStatus.UP),
        down=statuses.count(AgentStatus.DOWN),
        more=len(agents) - len(shown),
        at=now.timestamp(),
    )


def _status(agent: Agent, *, now: datetime) -> AgentStatus:
    deadline_ms = getattr(getattr(agent, "state", None), "deadline_ms", None)
    return status_of(agent, deadline_ms=deadline_ms, now=now)


def _row(agent: Agent, status: AgentStatus, uptime: Uptime | None) -> StatusRow:
    days = uptime.days if uptime else (None,) * DAYS
    percent = percent_text(uptime.percent) if uptime else "\N{EN DASH}"
    bars = [_bar(place, share) for place, share in enumerate(days)]
    bad = sum(share is not None and share < _FULL for share in days)
    spoken = f"{bad} of {DAYS} days with a failure" if bad else "No failure"
    return StatusRow(str(agent), status, percent, bars, spoken)


def percent_text(percent: float) -> str:
    """Return "99.98 %"; never rounded up, so that "100 %" means without a failure."""
    shown = "100" if percent >= _FULL else f"{floor(percent * 100) / 100:.2f}"
    return f"{shown}\N{NO-BREAK SPACE}%"


def _bar(place: int, share: float | None) -> Bar:
    if share is None:
        kind, y = "none", 0
    elif share >= _FULL:
        kind, y = "up", 0
    else:
        kind, y = ("partly", 5) if share >= _GOOD_PERCENT else ("down", 10)
    return Bar(place * BAR_WIDTH, kind, y)
