"""The fleet as a list: one row an agent, what all of them add up to, filters and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlencode

from agents.models import Agent
from agents.status import AgentStatus
from dashboard.sparkline import Sparkline
from metrics.queries import AgentOverview, Latest, fleet

HIGH_PERCENT: Final = 90
"""From here on a meter is drawn as a warning, until the rules of an installation say otherwise."""

TAGS_SHOWN: Final = 2
_COLUMNS: Final = (
    ("Agent", "name"),
    ("System", "system"),
    ("CPU", "-cpu"),
    ("Memory", "-memory"),
    ("Disk", "-disk"),
    ("Network", "-network"),
)
_BITS: Final = 8
_WORST_FIRST: Final = (
    *(AgentStatus.DOWN, AgentStatus.WAITING, AgentStatus.UP, AgentStatus.PAUSED),
)


@dataclass(frozen=True, slots=True)
class FleetQuery:
    """What the address asks for. An empty field asks for everything."""

    q: str = ""
    tag: str = ""
    system: str = ""
    status: str = ""
    sort: str = "name"

    @classmethod
    def asked(cls, parameters: Mapping[str, str]) -> Self:
        """Return what the address says, read or not."""
        names = ("q", "tag", "system", "status", "sort")
        return cls(**{name: parameters[name] for name in names if parameters.get(name)})

    def address(self, **changes: str) -> str:
        """Return the query string of this query with `changes`, empty where it says nothing."""
        wanted = replace(self, **changes)
        pairs = {
            "q": wanted.q,
            "tag": wanted.tag,
            "system": wanted.system,
            "status": wanted.status,
            "sort": "" if wanted.sort == "name" else wanted.sort,
        }
        said = urlencode({name: value for name, value in pairs.items() if value})
        return f"?{said}" if said else ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: a link that sorts by it, and turns the order round where it does already."""

    title: str
    name: str
    address: str
    direction: str


def headings(query: FleetQuery) -> list[Heading]:
    """Return the heads of the columns that have an order."""
    return [_heading(query, title, first) for title, first in _COLUMNS]


def _heading(query: FleetQuery, title: str, first: str) -> Heading:
    """`first` is the order the first click gives: numbers start with the highest."""
    name = first.removeprefix("-")
    is_sorted = query.sort.removeprefix("-") == name
    turned = name if query.sort.startswith("-") else f"-{name}"
    return Heading(
        title=title,
        name=name,
        address=query.address(sort=turned if is_sorted else first) or "?",
        direction=("descending" if query.sort.startswith("-") else "ascending")
        if is_sorted
        else "",
    )


@dataclass(frozen=True, slots=True)
class Meter:
    """A share in percent of a whole, which may be unknown."""

    percent: float
    total: float | None = None

    @property
    def width(self) -> float:
        """The share as a width in a box of 100."""
        return round(min(max(self.percent, 0), 100), 1)

    @property
    def is_high(self) -> bool:
        """True if a person should look at it."""
        return self.percent >= HIGH_PERCENT


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One agent as the list shows it; figures only while it is up."""

    agent: Agent
    tags: Sequence[str]
    status: AgentStatus
    last_seen_at: datetime | None
    cpu: Meter | None
    memory: Meter | None
    disk: Meter | None
    disk_used_bytes: float
    disk_free_bytes: float
    disk_total_bytes: float
    received_bits_per_second: float | None
    sent_bits_per_second: float | None
    cpu_percent_hour: Sequence[float | None]

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


def load_rows(*, now: datetime) -> list[FleetRow]:
    """Return a row for every agent, in a constant number of queries."""
    agents = Agent.objects.defer("notes").prefetch_related("tags").order_by("agent_id")
    return [row_of(overview) for overview in fleet(list(agents), now=now)]


def row_of(overview: AgentOverview) -> FleetRow:
    """Return one agent's row."""
    standing = overview.standing
    latest = standing.latest if standing.status is AgentStatus.UP else None
    return FleetRow(
        agent=overview.agent,
        tags=sorted(tag.name for tag in overview.agent.tags.all()),
        status=standing.status,
        last_seen_at=standing.last_seen_at,
        cpu=_meter(latest, "cpu_percent", whole=overview.agent.cpu_count),
        memory=_meter(latest, "memory_percent", whole_metric="memory_total_bytes"),
        disk=_fullest_disk(latest),
        disk_used_bytes=_total(latest, "disk_used_bytes") or 0,
        disk_free_bytes=_total(latest, "disk_free_bytes") or 0,
        disk_total_bytes=_total(latest, "disk_total_bytes") or 0,
        received_bits_per_second=_total(latest, "network_received_bytes_per_second", times=_BITS),
        sent_bits_per_second=_total(latest, "network_sent_bytes_per_second", times=_BITS),
        cpu_percent_hour=overview.cpu_percent_hour,
    )


def filtered(rows: Sequence[FleetRow], query: FleetQuery) -> list[FleetRow]:
    """Return the rows the query asks for, whatever their status."""
    wanted = query.q.casefold().split()
    return [
        row
        for row in rows
        if (not query.tag or query.tag in row.tags)
        and (not query.system or query.system == row.agent.os)
        and all(word in _text(row) for word in wanted)
    ]


def ordered(rows: Sequence[FleetRow], sort: str) -> list[FleetRow]:
    """Return the rows in the order of `sort`; a leading minus turns it round, no value is last."""
    key = SORTS[sort.removeprefix("-")]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + unknown


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
    return Meter(shares[mount], latest.instances("disk_total_bytes").get(mount))


def _total(latest: Latest | None, metric: str, *, times: int = 1) -> float | None:
    values = latest.instances(metric) if latest else {}
    return sum(values.values()) * times if values else None


def _text(row: FleetRow) -> str:
    agent = row.agent
    words = (agent.agent_id, agent.display_name, agent.hostname, agent.address or "", agent.os)
    return " ".join((*words, *row.tags)).casefold()


def _network(row: FleetRow) -> float | None:
    if row.received_bits_per_second is None:
        return None
    return row.received_bits_per_second + (row.sent_bits_per_second or 0)


# A key's values are compared with each other only, so each column may have its own type.
SORTS: Final[Mapping[str, Callable[[FleetRow], Any]]] = {
    "name": lambda row: str(row.agent).casefold(),
    "status": lambda row: (_WORST_FIRST.index(row.status), str(row.agent).casefold()),
    "system": lambda row: row.agent.os.casefold() or None,
    "cpu": lambda row: row.cpu.percent if row.cpu else None,
    "memory": lambda row: row.memory.percent if row.memory else None,
    "disk": lambda row: row.disk.percent if row.disk else None,
    "network": _network,
    "seen": lambda row: row.last_seen_at,
}
