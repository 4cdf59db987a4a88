"""What a chart is: its lines, how they stand to each other, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LINES_MAXIMUM: Final = 6
"""As many colours as can be told apart."""

_ADDITIVE: Final = frozenset({"memory", "capacity", "byte_rate", "bit_rate", "rate", "count"})


class Kind(StrEnum):
    """How the lines of a chart stand to each other."""

    BAND = "band"  # one line, with the band between minimum and maximum behind it
    LINES = "lines"
    STACK = "stack"
    MIRROR = "mirror"  # what comes in is drawn up, what goes out is drawn down


class Group(StrEnum):
    """Charts that stand together on the page, in this order."""

    OVERVIEW = "overview"
    PROCESSOR = "processor"
    MEMORY = "memory"
    DISKS = "disks"
    NETWORK = "network"
    SENSORS = "sensors"
    SYSTEM = "system"
    CONTAINERS = "containers"
    CUSTOM = "custom"


GROUP_TITLES: Final = {
    Group.OVERVIEW: "Overview",
    Group.PROCESSOR: "Processor",
    Group.MEMORY: "Memory",
    Group.DISKS: "Disks",
    Group.NETWORK: "Network",
    Group.SENSORS: "Sensors and GPU",
    Group.SYSTEM: "System",
    Group.CONTAINERS: "Containers",
    Group.CUSTOM: "Custom metrics",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of a chart; a metric with instances is a line for each of them.

    `label` is what a line is called; `each` where there are several instances, or no label.
    """

    metric: str
    label: str = ""
    each: str = "{instance}"
    down: bool = False

    def label_of(self, instance: str, *, is_only_one: bool) -> str:
        """Return what the line of `instance` is called."""
        if self.label and (is_only_one or not instance):
            return self.label
        return self.each.format(instance=instance) if instance else self.metric


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `format` names a function of dashboard.units; `factor` leads up to it."""

    name: str
    title: str
    lines: Sequence[Line]
    format: str
    kind: Kind = Kind.LINES
    group: Group = Group.OVERVIEW
    factor: int = 1
    maximum: float | None = None
    maximum_metric: str = ""
    note: str = ""

    @property
    def adds_up(self) -> bool:
        """True where several instances together are their sum, and not their mean."""
        return self.format in _ADDITIVE

    @property
    def room(self) -> int:
        """How many instances may have lines of their own."""
        return max(1, LINES_MAXIMUM // len(self.lines))
