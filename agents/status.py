"""How an agent is doing, told from when it was last heard of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from agents.models import Agent


class AgentStatus(StrEnum):
    """What pages, the admin and the API call the state of an agent."""

    UP = "up"
    DOWN = "down"
    PAUSED = "paused"
    WAITING = "waiting"


def status_of(agent: Agent, *, deadline_ms: int | None, now: datetime) -> AgentStatus:
    """Return how the agent is doing at `now`; it was never heard of if it has no deadline."""
    return status_by(enabled=agent.enabled, deadline_ms=deadline_ms, now_ms=now.timestamp() * 1000)


def status_by(*, enabled: bool, deadline_ms: int | None, now_ms: float) -> AgentStatus:
    """Return what `status_of` says, for lists of thousands that load no models."""
    if not enabled:
        return AgentStatus.PAUSED
    if deadline_ms is None:
        return AgentStatus.WAITING
    return AgentStatus.UP if now_ms < deadline_ms else AgentStatus.DOWN


def having(status: AgentStatus, *, now: datetime) -> Q:
    """Return the condition of agents that are `status` at `now`: what `status_of` says, in SQL."""
    now_ms = round(now.timestamp() * 1000)
    conditions = {
        AgentStatus.UP: Q(enabled=True, state__deadline_ms__gt=now_ms),
        AgentStatus.DOWN: Q(enabled=True, state__deadline_ms__lte=now_ms),
        AgentStatus.PAUSED: Q(enabled=False),
        AgentStatus.WAITING: Q(enabled=True, state__isnull=True),
    }
    return conditions[status]
