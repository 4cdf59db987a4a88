"""The tiles over the fleet: how many agents are how, and what they use together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from dashboard.fleet.lines import Line
from dashboard.fleet.state import FleetState, Meter
from dashboard.sparkline import Sparkline


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many agents are in one state, and its part of a bar that is 100 wide."""

    state: FleetState
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
    """What agents add up to; None where none says anything."""

    states: tuple[StateCount, ...]
    cpu_percent: float | None
    cpu_hour: Sparkline | None
    memory: Sum | None
    disk: Sum | None
    received_bits_per_second: float | None
    sent_bits_per_second: float | None

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Self:
        """Add up the lines."""
        figures = [line.figures for line in lines]
        cpu = _known(each.cpu_percent for each in figures)
        received = _known(each.received_bits_per_second for each in figures)
        sent = _known(each.sent_bits_per_second for each in figures)
        return cls(
            states=_states(lines),
            cpu_percent=_mean(cpu),
            cpu_hour=Sparkline.of_percent(_mean_hour(lines)),
            memory=_memory(lines),
            disk=_disk(lines),
            received_bits_per_second=sum(received) if received else None,
            sent_bits_per_second=sum(sent) if sent else None,
        )

    def count(self, state: FleetState) -> int:
        """Return how many agents are in a state."""
        return next(each.count for each in self.states if each.state is state)

    @property
    def down(self) -> int:
        """How many agents are down."""
        return self.count(FleetState.DOWN)

    @property
    def warning(self) -> int:
        """How many agents are a warning."""
        return self.count(FleetState.WARNING)


def _states(lines: Sequence[Line]) -> tuple[StateCount, ...]:
    counts = Counter(line.state for line in lines)
    found, offset = [], 0.0
    for state in FleetState:
        width = 100 * counts[state] / max(1, len(lines))
        found.append(StateCount(state, counts[state], round(offset, 2), round(width, 2)))
        offset += width
    return tuple(found)


def _mean_hour(lines: Sequence[Line]) -> list[float | None]:
    hours = [line.cpu_percent_hour for line in lines if line.cpu_percent_hour is not None]
    if not hours:
        return []
    minutes = np.array(hours)
    counts = (~np.isnan(minutes)).sum(axis=0).tolist()
    totals = np.nansum(minutes, axis=0).tolist()
    pairs = zip(totals, counts, strict=True)
    return [total / count if count else None for total, count in pairs]


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _memory(lines: Sequence[Line]) -> Sum | None:
    used = whole = 0.0
    for line in lines:
        percent, total = line.figures.memory_percent, line.figures.memory_total_bytes
        if percent is not None and total is not None:
            used, whole = used + percent / 100 * total, whole + total
    return Sum(used, Meter(100 * used / whole, whole)) if whole else None


def _disk(lines: Sequence[Line]) -> Sum | None:
    """Return the disks together, their share counted as each disk's own is: of what may be used."""
    used = sum(line.figures.disk_used_bytes or 0 for line in lines)
    usable = used + sum(line.figures.disk_free_bytes or 0 for line in lines)
    total = sum(line.figures.disk_total_bytes or 0 for line in lines)
    return Sum(used, Meter(100 * used / usable, total)) if usable else None
