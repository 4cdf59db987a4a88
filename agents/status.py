"""How an agent is doing, told from when it was last heard of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from agents.models import Agent


class AgentStatus(StrEnum):
    """What pages, the admin and the API call the state of an agent."""

    UP = "up"
    DOWN = "down"
    PAUSED = "paused"
    WAITING = "waiting"


def status_of(agent: Agent, *, deadline_ms: int | None, now: datetime) -> AgentStatus:
    """Return how the agent is doing at `now`; it was never heard of if it has no deadline."""
    if not agent.enabled:
        return AgentStatus.PAUSED
    if deadline_ms is None:
        return AgentStatus.WAITING
    return AgentStatus.UP if now.timestamp() * 1000 < deadline_ms else AgentStatus.DOWN
