"""How one agent is right now, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agents.models import Agent
from agents.status import AgentStatus, status_of
from metrics.queries import Latest, latest


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of an agent, when it was last heard of, and what it last said."""

    status: AgentStatus
    last_seen_at: datetime | None
    latest: Latest | None

    @property
    def uptime_seconds(self) -> float | None:
        """How long the machine has been running."""
        return self.latest.value("uptime_seconds") if self.latest else None


def standing_of(agent: Agent, *, now: datetime) -> Standing:
    """Return how the agent is; it costs no query for the state where that was selected with it."""
    state = getattr(agent, "state", None)
    if state is None:
        return Standing(status_of(agent, deadline_ms=None, now=now), None, None)
    return Standing(
        status=status_of(agent, deadline_ms=state.deadline_ms, now=now),
        last_seen_at=datetime.fromtimestamp(state.last_seen_ms / 1000, tz=UTC),
        latest=latest(agent),
    )
