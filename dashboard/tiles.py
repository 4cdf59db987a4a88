"""The tiles over the fleet: how many agents are how, and what they use together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from agents.status import AgentStatus
from dashboard.fleet import FleetRow, Meter
from dashboard.sparkline import Sparkline


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many agents have one status, and its part of a bar that is 100 wide."""

    status: AgentStatus
    count: int
    offset: float
    width: float


@dataclass(frozen=True, slots=True)
class Sum:
    """What is used of a whole, over all agents that are up."""

    used: float
    meter: Meter


@dataclass(frozen=True, slots=True)
class Tiles:
    """What the rows add up to; None where no agent says anything."""

    statuses: Sequence[StatusCount]
    cpu_percent: float | None
    cpu_hour: Sparkline | None
    memory: Sum | None
    disk: Sum | None
    received_bits_per_second: float | None
    sent_bits_per_second: float | None

    @classmethod
    def of(cls, rows: Sequence[FleetRow]) -> Self:
        """Add up the rows."""
        cpu = [row.cpu.percent for row in rows if row.cpu]
        memory = [row.memory for row in rows if row.memory]
        received = [row.received_bits_per_second for row in rows]
        sent = [row.sent_bits_per_second for row in rows]
        return cls(
            statuses=_statuses(rows),
            cpu_percent=sum(cpu) / len(cpu) if cpu else None,
            cpu_hour=Sparkline.of_percent(_mean_hour(rows)),
            memory=_share(
                used=sum(meter.percent / 100 * (meter.total or 0) for meter in memory),
                whole=sum(meter.total or 0 for meter in memory),
            ),
            disk=_disk(rows),
            received_bits_per_second=_sum(received),
            sent_bits_per_second=_sum(sent),
        )


def _statuses(rows: Sequence[FleetRow]) -> list[StatusCount]:
    counts = Counter(row.status for row in rows)
    found, offset = [], 0.0
    for status in AgentStatus:
        width = 100 * counts[status] / max(1, len(rows))
        found.append(StatusCount(status, counts[status], round(offset, 2), round(width, 2)))
        offset += width
    return found


def _mean_hour(rows: Sequence[FleetRow]) -> list[float | None]:
    columns = zip(*(row.cpu_percent_hour for row in rows), strict=True)
    return [_mean([value for value in column if value is not None]) for column in columns]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(*, used: float, whole: float) -> Sum | None:
    return Sum(used, Meter(100 * used / whole, whole)) if whole else None


def _disk(rows: Sequence[FleetRow]) -> Sum | None:
    """Return the disks together, their share counted as each disk's own is: of what may be used."""
    used = sum(row.disk_used_bytes for row in rows)
    usable = used + sum(row.disk_free_bytes for row in rows)
    total = sum(row.disk_total_bytes for row in rows)
    return Sum(used, Meter(100 * used / usable, total)) if usable else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
