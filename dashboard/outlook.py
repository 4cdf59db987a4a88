"""What an agent's page says beside its charts: of disks, traffic and history."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from django.core.cache import cache

from agents.models import Agent
from dashboard.forecast import Disk, disks_of
from dashboard.traffic import Traffic, traffic_of
from metrics.queries import extent, latest

KEPT_SECONDS: Final = 60
"""How long one answer serves all who look at an agent. It reads a month, and changes slowly."""

_UTC: Final = ZoneInfo("UTC")


class History(msgspec.Struct, frozen=True):
    """How far an agent's history reaches, in Unix seconds, and the share of it that is there."""

    since: float
    coverage_percent: float


class Outlook(msgspec.Struct, frozen=True):
    """All of it, as the page gets it. `history` is None for an agent without any."""

    disks: list[Disk]
    traffic: Traffic
    history: History | None


def outlook_of(agent: Agent, *, zone: ZoneInfo, now: datetime) -> bytes:
    """Return the JSON of an Outlook, no older than a minute."""
    key = f"outlook:{agent.pk}:{agent.billing_day}:{zone.key}"
    answer: bytes | None = cache.get(key)
    if answer is None:
        answer = msgspec.json.encode(_outlook(agent, zone=zone, now=now))
        cache.set(key, answer, KEPT_SECONDS)
    return answer


def _outlook(agent: Agent, *, zone: ZoneInfo, now: datetime) -> Outlook:
    newest = latest(agent)
    reach = extent(agent, now=now)
    return Outlook(
        disks=disks_of(agent, newest, now=now) if newest else [],
        traffic=traffic_of(agent, zone=zone, now=now),
        history=History(reach.first_at.timestamp(), reach.coverage_percent) if reach else None,
    )


def zone_of(name: str | None) -> ZoneInfo:
    """Return the time zone that a browser names, UTC for one that is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _UTC
