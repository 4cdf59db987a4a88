"""What an agent's page says beside its charts: what becomes of disks, and the traffic so far."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from django.core.cache import cache

from agents.models import Agent
from dashboard.forecast import Disk, disks_of
from dashboard.traffic import Traffic, traffic_of
from metrics.queries import latest

KEPT_SECONDS: Final = 60
"""How long one answer serves all who look at an agent. It reads a month, and changes slowly."""

_UTC: Final = ZoneInfo("UTC")


class Outlook(msgspec.Struct, frozen=True):
    """Both, as the page gets them."""

    disks: list[Disk]
    traffic: Traffic


def outlook_of(agent: Agent, *, zone: ZoneInfo, now: datetime) -> bytes:
    """Return the JSON of an Outlook, no older than a minute."""
    key = f"outlook:{agent.pk}:{agent.billing_day}:{zone.key}"
    answer: bytes | None = cache.get(key)
    if answer is None:
        newest = latest(agent)
        disks = disks_of(agent, newest, now=now) if newest else []
        answer = msgspec.json.encode(Outlook(disks, traffic_of(agent, zone=zone, now=now)))
        cache.set(key, answer, KEPT_SECONDS)
    return answer


def zone_of(name: str | None) -> ZoneInfo:
    """Return the time zone that a browser names, UTC for one that is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _UTC
