"""All agents, each as little more than what it is found, counted and ordered by.

A fleet of thousands is read in four queries whatever its size; only the rows of one page are then
read in full, by dashboard.fleet.rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.models import Agent
from agents.status import AgentStatus, status_by
from dashboard.fleet.state import FleetState, state_of
from metrics.newest import Fold, Folded, newest_of_all

Minutes = npt.NDArray[np.float64]

_BITS: Final = 8
_CPU: Final = Folded("cpu_percent", Fold.HIGHEST)
_MEMORY: Final = Folded("memory_percent", Fold.HIGHEST)
_MEMORY_TOTAL: Final = Folded("memory_total_bytes", Fold.HIGHEST)
_DISK: Final = Folded("disk_percent", Fold.HIGHEST)
_DISK_USED: Final = Folded("disk_used_bytes", Fold.TOTAL)
_DISK_FREE: Final = Folded("disk_free_bytes", Fold.TOTAL)
_DISK_TOTAL: Final = Folded("disk_total_bytes", Fold.TOTAL)
_RECEIVED: Final = Folded("network_received_bytes_per_second", Fold.TOTAL)
_SENT: Final = Folded("network_sent_bytes_per_second", Fold.TOTAL)
_WANTED: Final = (
    *(_CPU, _MEMORY, _MEMORY_TOTAL, _DISK, _DISK_USED, _DISK_FREE, _DISK_TOTAL),
    *(_RECEIVED, _SENT),
)


class Figures(NamedTuple):
    """What an agent that is up said last: shares in percent, sizes in bytes."""

    cpu_percent: float | None = None
    memory_percent: float | None = None
    memory_total_bytes: float | None = None
    disk_percent: float | None = None
    disk_used_bytes: float | None = None
    disk_free_bytes: float | None = None
    disk_total_bytes: float | None = None
    received_bits_per_second: float | None = None
    sent_bits_per_second: float | None = None


class Line(NamedTuple):
    """One agent. `disk_percent` of its figures is that of the fullest disk.

    `cpu_percent_hour` has a value a minute, NaN where there is no sample.
    """

    pk: int
    agent_id: str
    name: str
    os: str
    hostname: str
    address: str
    tags: tuple[str, ...]
    state: FleetState
    last_seen_ms: int | None
    figures: Figures
    cpu_percent_hour: Minutes | None


class _Heard(NamedTuple):
    """What is known of an agent that was heard of."""

    last_seen_ms: int
    deadline_ms: int
    figures: Figures
    cpu_percent_hour: Minutes


_FIELDS: Final = ("pk", "agent_id", "display_name", "os", "hostname", "address", "enabled")
_SILENT: Final = Figures()
_UP: Final = AgentStatus.UP
_UNHEARD: Final = (None, None, _SILENT, None)


def load_lines(*, now: datetime) -> list[Line]:
    """Return every agent, in the order of their ids."""
    now_ms = now.timestamp() * 1000
    tags, heard = _tags(), dict(_heard(now))
    lines = []
    agents = Agent.objects.order_by("agent_id").values_list(*_FIELDS)
    for pk, agent_id, display_name, os, hostname, address, enabled in agents:
        last_seen_ms, deadline_ms, figures, hour = heard.get(pk, _UNHEARD)
        status = status_by(enabled=enabled, deadline_ms=deadline_ms, now_ms=now_ms)
        cpu, memory, _, disk, *_ = figures
        lines.append(
            Line(
                pk=pk,
                agent_id=agent_id,
                name=display_name or agent_id,
                os=os,
                hostname=hostname,
                address=address or "",
                tags=tags.get(pk, ()),
                state=state_of(status, cpu, memory, disk),
                last_seen_ms=last_seen_ms,
                figures=figures if status is _UP else _SILENT,
                cpu_percent_hour=hour,
            )
        )
    return lines


def _tags() -> Mapping[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    pairs = Agent.tags.through.objects.order_by("tag__name").values_list("agent_id", "tag__name")
    for agent, tag in pairs:
        found[agent].append(tag)
    return {agent: tuple(tags) for agent, tags in found.items()}


def _heard(now: datetime) -> Iterator[tuple[int, _Heard]]:
    newest = newest_of_all(_WANTED, now=now)
    columns = [newest.columns[wanted] for wanted in _WANTED]
    columns[-2:] = [_as_bits(column) for column in columns[-2:]]
    figures = map(Figures._make, zip(*columns, strict=True))
    known = (newest.last_seen_ms, newest.deadline_ms, figures, newest.cpu_percent_hour)
    return zip(newest.agents, map(_Heard._make, zip(*known, strict=True)), strict=True)


def _as_bits(bytes_per_second: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else value * _BITS for value in bytes_per_second]
