"""Every metric an agent is known to send: its name, unit, meaning, instance kind and range.

This module is the single source for docs/METRICS.md, for the units that pages draw and for the
precision that storage keeps. It imports no Django, so that tools can read it anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NAME_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a well-formed metric name looks like; a name outside the catalogue is a custom metric."""


class Unit(StrEnum):
    """What a number counts. Base units only: no kilobytes, no milliseconds."""

    PERCENT = "percent"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes per second"
    PER_SECOND = "per second"
    SECONDS = "seconds"
    CELSIUS = "degrees Celsius"
    COUNT = "count"
    NUMBER = "number"


class InstanceKind(StrEnum):
    """What the instance of a series names; NONE where an agent has one value of the metric."""

    NONE = "none"
    CORE = "core"
    MOUNT = "mount"
    DEVICE = "device"
    INTERFACE = "interface"
    SENSOR = "sensor"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Metric:
    """One catalogue entry. `decimals` is the precision agents send and storage keeps."""

    name: str
    unit: Unit
    meaning: str
    instance: InstanceKind = InstanceKind.NONE
    decimals: int = 0
    maximum: float | None = None

    @property
    def is_custom(self) -> bool:
        """True for a metric that only this agent's owner knows the meaning of."""
        return self.name not in BY_NAME


def _percent(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.PERCENT, meaning, instance, decimals=1, maximum=100.0)


def _bytes(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.BYTES, meaning, instance)


def _byte_rate(name: str, meaning: str, instance: InstanceKind) -> Metric:
    return Metric(name, Unit.BYTES_PER_SECOND, meaning, instance)


def _rate(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.PER_SECOND, meaning, instance, decimals=1)


_CORE, _MOUNT, _DEVICE = InstanceKind.CORE, InstanceKind.MOUNT, InstanceKind.DEVICE
_INTERFACE, _SENSOR = InstanceKind.INTERFACE, InstanceKind.SENSOR

METRICS: Final[tuple[Metric, ...]] = (
    _percent("cpu_percent", "Time the processor was busy, over all cores."),
    _percent("cpu_user_percent", "Time in user programs."),
    _percent("cpu_nice_percent", "Time in user programs of lowered priority."),
    _percent("cpu_system_percent", "Time in the kernel."),
    _percent("cpu_iowait_percent", "Time idle while waiting for a disk."),
    _percent("cpu_irq_percent", "Time serving hardware and software interrupts."),
    _percent("cpu_steal_percent", "Time the hypervisor gave to other machines."),
    _percent("cpu_core_percent", "Time one core was busy.", _CORE),
    Metric(
        "load_1m",
        Unit.NUMBER,
        "Tasks that run or wait for a processor or a disk, mean over 1 minute.",
        decimals=2,
    ),
    Metric(
        "load_5m",
        Unit.NUMBER,
        "Tasks that run or wait for a processor or a disk, mean over 5 minutes.",
        decimals=2,
    ),
    Metric(
        "load_15m",
        Unit.NUMBER,
        "Tasks that run or wait for a processor or a disk, mean over 15 minutes.",
        decimals=2,
    ),
    _percent("memory_percent", "Memory that is not available to new programs."),
    _bytes("memory_total_bytes", "Physical memory."),
    _bytes("memory_used_bytes", "Memory in use by programs and the kernel."),
    _bytes("memory_available_bytes", "Memory a new program could get without swapping."),
    _bytes("memory_cached_bytes", "Memory holding cached file contents."),
    _bytes("memory_buffers_bytes", "Memory holding block-device buffers."),
    _percent("swap_percent", "Swap space in use."),
    _bytes("swap_total_bytes", "Swap space."),
    _bytes("swap_used_bytes", "Swap space in use."),
    _percent("disk_percent", "Space used, of what unprivileged programs may use.", _MOUNT),
    _bytes("disk_total_bytes", "Size of the file system.", _MOUNT),
    _bytes("disk_used_bytes", "Space used.", _MOUNT),
    _bytes("disk_free_bytes", "Space left for unprivileged programs.", _MOUNT),
    _percent("disk_inodes_percent", "Inodes used.", _MOUNT),
    Metric("disk_inodes_total", Unit.COUNT, "Inodes the file system has.", _MOUNT),
    Metric("disk_inodes_used", Unit.COUNT, "Inodes in use.", _MOUNT),
    _byte_rate("device_read_bytes_per_second", "Bytes read from a block device.", _DEVICE),
    _byte_rate("device_written_bytes_per_second", "Bytes written to a block device.", _DEVICE),
    _rate("device_reads_per_second", "Read operations a block device finished.", _DEVICE),
    _rate("device_writes_per_second", "Write operations a block device finished.", _DEVICE),
    _percent("device_busy_percent", "Time a block device had work to do.", _DEVICE),
    _byte_rate("network_received_bytes_per_second", "Bytes received.", _INTERFACE),
    _byte_rate("network_sent_bytes_per_second", "Bytes sent.", _INTERFACE),
    _rate("network_received_packets_per_second", "Packets received.", _INTERFACE),
    _rate("network_sent_packets_per_second", "Packets sent.", _INTERFACE),
    _rate("network_received_errors_per_second", "Received packets that were damaged.", _INTERFACE),
    _rate("network_sent_errors_per_second", "Packets that could not be sent.", _INTERFACE),
    _rate("network_received_drops_per_second", "Received packets thrown away.", _INTERFACE),
    _rate("network_sent_drops_per_second", "Packets thrown away before sending.", _INTERFACE),
    Metric("temperature_celsius", Unit.CELSIUS, "Temperature of a sensor.", _SENSOR, decimals=1),
    Metric("uptime_seconds", Unit.SECONDS, "Time since the machine started."),
    Metric("process_count", Unit.COUNT, "Processes that exist."),
)

BY_NAME: Final[dict[str, Metric]] = {metric.name: metric for metric in METRICS}


def metric_of(name: str) -> Metric:
    """Return the catalogue's entry of `name`, or a custom one for a name it does not know."""
    return BY_NAME.get(name) or Metric(
        name, Unit.NUMBER, "A custom metric.", InstanceKind.ANY, decimals=6
    )


def is_well_formed(name: str) -> bool:
    """True if `name` may name a metric: lower case letters, digits and underscores, at most 64."""
    return NAME_PATTERN.fullmatch(name) is not None
