"""Live mode: while somebody looks at its page, an agent is asked for a sample every two seconds.

Whoever looks renews a short lease; when nobody does any more it runs out by itself, and the next
answer tells the agent its own interval again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from agents.models import Agent

INTERVAL_SECONDS: Final = 2
LEASE: Final = timedelta(minutes=2)


def watch(agent: Agent, *, now: datetime) -> datetime:
    """Have the agent watched for another lease, and return when that ends.

    However many look, at most one write a minute: each makes ingest look up again who may send.
    """
    until = now + LEASE
    is_short = Q(watched_until__isnull=True) | Q(watched_until__lt=now + LEASE / 2)
    Agent.objects.filter(is_short, pk=agent.pk).update(watched_until=until)
    return until


def interval_seconds(
    configured_seconds: int, *, watched_until: datetime | None, now: datetime
) -> int:
    """Return how many seconds apart an agent's samples are wanted at `now`."""
    if watched_until is None or watched_until <= now:
        return configured_seconds
    return min(INTERVAL_SECONDS, configured_seconds)
