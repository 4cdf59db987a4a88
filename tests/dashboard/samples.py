"""Samples as an agent sends them, and runs of them up to now."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from agents.models import Agent, Tag
from metrics import layouts
from metrics.models import AgentState
from tests import factories

GIB = 2**30
FULL: dict[str, float | dict[str, float]] = {
    "cpu_percent": 42.0,
    "cpu_user_percent": 30.0,
    "cpu_system_percent": 12.0,
    "cpu_core_percent": {str(core): 10.0 * core for core in range(8)},
    "load_1m": 1.5,
    "load_5m": 1.25,
    "load_15m": 1.0,
    "memory_percent": 50.0,
    "memory_total_bytes": 8 * GIB,
    "memory_used_bytes": 4 * GIB,
    "memory_cached_bytes": 2 * GIB,
    "memory_buffers_bytes": 0.25 * GIB,
    "swap_total_bytes": 0,
    "swap_used_bytes": 0,
    "disk_percent": {"/": 61.0, "/var": 91.0},
    "disk_total_bytes": {"/": 80e9, "/var": 250e9},
    "disk_used_bytes": {"/": 48e9, "/var": 227e9},
    "disk_free_bytes": {"/": 30.7e9, "/var": 22.45e9},
    "disk_inodes_percent": {"/": 12.0, "/var": 3.0},
    "device_read_bytes_per_second": {"sda": 374_000.0},
    "device_written_bytes_per_second": {"sda": 1_700_000.0},
    "network_received_bytes_per_second": {"eth0": 1_000_000.0, "eth1": 250_000.0},
    "network_sent_bytes_per_second": {"eth0": 500_000.0, "eth1": 125_000.0},
    "temperature_celsius": {"CPU package": 50.0},
    "uptime_seconds": 20_044_800.0,
    "process_count": 312.0,
    "queue_length": 7.0,
}


def store_run(agent: Agent, *, count: int = 60, age_seconds: float = 0, **values: Any) -> float:
    """Store `count` samples ten seconds apart, the newest `age_seconds` old; return its time.

    Without `values` they carry every family there is, and a CPU that moves.
    """
    end = timezone.now().timestamp() - age_seconds
    for back in reversed(range(count)):
        at = end - 10 * back
        moving = {"cpu_percent": round(40 + 20 * math.sin(back / 9), 1)} if back else {}
        carried = values or {**FULL, **moving}
        factories.store(
            agent,
            factories.sample(at, **carried),
            received_at=datetime.fromtimestamp(at, tz=UTC),
        )
    return end


def make_fleet(count: int) -> list[Agent]:
    """Store agents machine-0000 and on, each with one tag and one sample, in a few statements."""
    now_ms = int(timezone.now().timestamp() * 1000)
    agents = Agent.objects.bulk_create(
        Agent(agent_id=f"machine-{number:04}", os="Debian 12") for number in range(count)
    )
    tags = [Tag.objects.get_or_create(name=f"tag-{number}")[0] for number in range(3)]
    tagged = Agent.tags.through
    tagged.objects.bulk_create(
        tagged(agent=agent, tag=tags[number % 3]) for number, agent in enumerate(agents)
    )
    layout = layouts.id_of((("cpu_percent", ""), ("disk_percent", "/")))
    AgentState.objects.bulk_create(
        AgentState(
            agent=agent,
            last_seen_ms=now_ms,
            deadline_ms=now_ms + 90_000,
            stored_until_ms=now_ms,
            latest_ms=now_ms,
            latest_layout_id=layout,
            latest_values=struct.pack("<2d", number % 80, number % 60),
        )
        for number, agent in enumerate(agents)
    )
    return agents
