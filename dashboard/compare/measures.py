"""What agents are compared by: one number of each, whatever it has instances of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dashboard.units import FORMATS
from metrics.newest import Fold, Folded


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric with its name for people. `format` names a function of dashboard.units.

    `note` says which number is meant where an agent has several. `maximum` is the end of the scale;
    None where the highest value is.
    """

    name: str
    title: str
    metric: str
    format: str
    fold: Fold = Fold.HIGHEST
    factor: int = 1
    maximum: float | None = None
    note: str = ""

    @property
    def folded(self) -> Folded:
        """The metric as one number an agent, before `factor`."""
        return Folded(self.metric, self.fold)

    @property
    def text(self) -> Callable[[float], str]:
        """What writes a value."""
        return FORMATS[self.format]


def _share(name: str, title: str, metric: str, note: str = "") -> Measure:
    return Measure(name, title, metric, "percent", maximum=100, note=note)


def _sum(name: str, title: str, metric: str, format_: str, note: str, factor: int = 1) -> Measure:
    return Measure(name, title, metric, format_, Fold.TOTAL, factor, note=note)


_ALL_DEVICES: Final = "all devices of an agent together"
_ALL_INTERFACES: Final = "all interfaces of an agent together"

MEASURES: Final = {
    measure.name: measure
    for measure in (
        _share("cpu", "CPU", "cpu_percent"),
        _share("iowait", "Waiting for disks", "cpu_iowait_percent"),
        _share("steal", "Taken by the hypervisor", "cpu_steal_percent"),
        Measure("load", "Load, 5 min", "load_5m", "number"),
        _share("memory", "Memory", "memory_percent"),
        _share("swap", "Swap", "swap_percent"),
        _share("disk", "Disk space", "disk_percent", "the fullest file system of an agent"),
        _share("inodes", "Inodes", "disk_inodes_percent", "the fullest file system of an agent"),
        _share("busy", "Disk busy", "device_busy_percent", "the busiest device of an agent"),
        _sum("read", "Disk reads", "device_read_bytes_per_second", "byte_rate", _ALL_DEVICES),
        _sum(
            "written", "Disk writes", "device_written_bytes_per_second", "byte_rate", _ALL_DEVICES
        ),
        _sum(
            *("received", "Network in", "network_received_bytes_per_second", "bit_rate"),
            *(_ALL_INTERFACES, 8),
        ),
        _sum(
            *("sent", "Network out", "network_sent_bytes_per_second", "bit_rate"),
            *(_ALL_INTERFACES, 8),
        ),
        Measure(
            *("temperature", "Temperature", "temperature_celsius", "celsius"),
            note="the hottest sensor of an agent",
        ),
        Measure("processes", "Processes", "process_count", "count"),
        Measure("uptime", "Uptime", "uptime_seconds", "duration"),
    )
}
DEFAULT: Final = MEASURES["cpu"]
