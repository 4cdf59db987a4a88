"""The rows of one page of the fleet: what is known of each agent, in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agents.models import Agent
from agents.status import AgentStatus
from dashboard.fleet.lines import Line
from dashboard.fleet.state import FleetState, Meter, state_of
from dashboard.sparkline import Sparkline
from metrics.queries import AgentOverview, Latest, fleet

TAGS_SHOWN: Final = 2
_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row shows but for its age: equal cells are drawn once. Figures only while up."""

    agent_id: str
    name: str
    os: str
    kernel: str
    hostname: str
    address: str
    cpu_count: int | None
    tags: tuple[str, ...]
    state: FleetState
    cpu: Meter | None
    memory: Meter | None
    disk: Meter | None
    received_bits_per_second: float | None
    sent_bits_per_second: float | None
    cpu_percent_hour: tuple[float | None, ...]

    @property
    def found_at(self) -> str:
        """Where the machine is, as far as it has said; empty if that is no more than its name."""
        found = self.address or self.hostname or self.agent_id
        return "" if found == self.name else found

    @property
    def sparkline(self) -> Sparkline | None:
        """The last hour of CPU as a drawing."""
        return Sparkline.of_percent(self.cpu_percent_hour)

    @property
    def tags_shown(self) -> Sequence[str]:
        """The tags there is room for."""
        return self.tags[:TAGS_SHOWN]

    @property
    def tags_left(self) -> Sequence[str]:
        """The tags there is no room for."""
        return self.tags[TAGS_SHOWN:]


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One agent as the list shows it."""

    pk: int
    cells: Cells
    last_seen_at: datetime | None


def load_rows(lines: Sequence[Line], *, now: datetime) -> list[FleetRow]:
    """Return a row for each line, in their order, in a constant number of queries."""
    agents = Agent.objects.defer("notes").prefetch_related("tags")
    found = agents.in_bulk([line.pk for line in lines])
    # One that was deleted since the lines were read is left out.
    present = [found[line.pk] for line in lines if line.pk in found]
    return [_row_of(overview) for overview in fleet(present, now=now)]


def _row_of(overview: AgentOverview) -> FleetRow:
    agent, standing = overview.agent, overview.standing
    latest = standing.latest if standing.status is AgentStatus.UP else None
    cpu = _meter(latest, "cpu_percent", whole=agent.cpu_count)
    memory = _meter(latest, "memory_percent", whole_metric="memory_total_bytes")
    disk = _fullest_disk(latest)
    shares = [meter.percent for meter in (cpu, memory, disk) if meter]
    cells = Cells(
        agent_id=agent.agent_id,
        name=str(agent),
        os=agent.os,
        kernel=agent.kernel,
        hostname=agent.hostname,
        address=agent.address or "",
        cpu_count=agent.cpu_count,
        tags=tuple(sorted(tag.name for tag in agent.tags.all())),
        state=state_of(standing.status, *shares),
        cpu=cpu,
        memory=memory,
        disk=disk,
        received_bits_per_second=_bits(latest, "network_received_bytes_per_second"),
        sent_bits_per_second=_bits(latest, "network_sent_bytes_per_second"),
        cpu_percent_hour=tuple(overview.cpu_percent_hour),
    )
    return FleetRow(agent.pk, cells, standing.last_seen_at)


def _meter(
    latest: Latest | None, metric: str, *, whole: float | None = None, whole_metric: str = ""
) -> Meter | None:
    percent = latest.value(metric) if latest else None
    if latest is None or percent is None:
        return None
    return Meter(percent, latest.value(whole_metric) if whole_metric else whole)


def _fullest_disk(latest: Latest | None) -> Meter | None:
    shares = latest.instances("disk_percent") if latest else {}
    if latest is None or not shares:
        return None
    mount = max(shares, key=lambda name: shares[name])
    return Meter(shares[mount], latest.instances("disk_total_bytes").get(mount), mount)


def _bits(latest: Latest | None, metric: str) -> float | None:
    values = latest.instances(metric) if latest else {}
    return sum(values.values()) * _BITS if values else None
