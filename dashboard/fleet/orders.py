"""Which agents the list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from dashboard.fleet.lines import Line
from dashboard.fleet.query import FleetQuery
from dashboard.fleet.state import WORST_FIRST

_RANK: Final = {state: rank for rank, state in enumerate(WORST_FIRST)}


def filtered(lines: Sequence[Line], query: FleetQuery) -> list[Line]:
    """Return the agents the query asks for, whatever their state."""
    words = query.q.casefold().split()
    return [
        line
        for line in lines
        if (not query.tag or query.tag in line.tags)
        and (not query.system or query.system == line.os)
        and (not words or _has(line, words))
    ]


def in_state(lines: Sequence[Line], state: str) -> list[Line]:
    """Return the agents in a state, all where it is empty."""
    return [line for line in lines if state in ("", line.state)]


def ordered(lines: Sequence[Line], sort: str) -> list[Line]:
    """Return the agents in the order of `sort`; a leading minus turns it round, no value is last.

    Agents that are alike stand in the order of their names, either way.
    """
    key = SORTS[sort.removeprefix("-")]
    named = sorted(lines, key=_name)
    known = [line for line in named if key(line) is not None]
    unknown = [line for line in named if key(line) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + unknown


def _has(line: Line, words: Sequence[str]) -> bool:
    facts = (line.agent_id, line.name, line.hostname, line.address, line.os, *line.tags)
    text = " ".join(facts).casefold()
    return all(word in text for word in words)


def _name(line: Line) -> str:
    return line.name.casefold()


def _network(line: Line) -> float | None:
    received = line.figures.received_bits_per_second
    return None if received is None else received + (line.figures.sent_bits_per_second or 0)


def _mean_hour(line: Line) -> float | None:
    """Return the mean of the hour; None without a sample in it."""
    hour = line.cpu_percent_hour
    known = hour[~np.isnan(hour)] if hour is not None else ()
    return float(np.mean(known)) if len(known) else None


# A key's values are compared with each other only, so each column may have its own type.
SORTS: Final[Mapping[str, Callable[[Line], Any]]] = {
    "worst": lambda line: _RANK[line.state],
    "name": _name,
    "system": lambda line: line.os.casefold() or None,
    "cpu": lambda line: line.figures.cpu_percent,
    "memory": lambda line: line.figures.memory_percent,
    "disk": lambda line: line.figures.disk_percent,
    "network": _network,
    "hour": _mean_hour,
    "tags": lambda line: line.tags or None,
    "seen": lambda line: line.last_seen_ms,
}

OFFERED: Final = (
    ("worst", "Worst first"),
    ("name", "Name"),
    ("system", "System"),
    ("-cpu", "Highest CPU"),
    ("-memory", "Highest memory"),
    ("-disk", "Fullest disk"),
    ("-network", "Most network"),
    ("-hour", "Highest CPU, 1 h"),
    ("tags", "Tags"),
    ("seen", "Longest silent"),
)
"""The orders a list offers by name, for a phone has no heads of columns."""

_TURNED: Final = {
    "-worst": "Best first",
    "-name": "Name, Z to A",
    "-system": "System, Z to A",
    "cpu": "Lowest CPU",
    "memory": "Lowest memory",
    "disk": "Emptiest disk",
    "network": "Least network",
    "hour": "Lowest CPU, 1 h",
    "-tags": "Tags, Z to A",
    "-seen": "Latest report",
}


def offered(sort: str) -> list[tuple[str, str]]:
    """Return the orders to choose from; with them the present one, where a column was turned."""
    turned = [(sort, _TURNED[sort])] if sort in _TURNED else []
    return [*OFFERED, *turned]
