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
    HERTZ = "hertz"
    RPM = "revolutions per minute"
    WATTS = "watts"
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
    STATE = "state"
    BATTERY = "battery"
    CONTAINER = "container"
    GPU = "GPU"
    UNIT = "unit"
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


def _byte_rate(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.BYTES_PER_SECOND, meaning, instance)


def _rate(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.PER_SECOND, meaning, instance, decimals=1)


def _count(name: str, meaning: str, instance: InstanceKind = InstanceKind.NONE) -> Metric:
    return Metric(name, Unit.COUNT, meaning, instance)


_CORE, _MOUNT, _DEVICE = InstanceKind.CORE, InstanceKind.MOUNT, InstanceKind.DEVICE
_INTERFACE, _SENSOR = InstanceKind.INTERFACE, InstanceKind.SENSOR
_STATE, _BATTERY, _UNIT = InstanceKind.STATE, InstanceKind.BATTERY, InstanceKind.UNIT
_CONTAINER, _GPU = InstanceKind.CONTAINER, InstanceKind.GPU

METRICS: Final[tuple[Metric, ...]] = (
    _percent("cpu_percent", "Time the processor was busy, over all cores."),
    _percent("cpu_user_percent", "Time in user programs."),
    _percent("cpu_nice_percent", "Time in user programs of lowered priority."),
    _percent("cpu_system_percent", "Time in the kernel."),
    _percent("cpu_iowait_percent", "Time idle while waiting for a disk."),
    _percent("cpu_irq_percent", "Time serving hardware and software interrupts."),
    _percent("cpu_steal_percent", "Time the hypervisor gave to other machines."),
    _percent("cpu_core_percent", "Time one core was busy.", _CORE),
    Metric("cpu_frequency_hertz", Unit.HERTZ, "Clock of the cores, their mean."),
    _rate("cpu_context_switches_per_second", "Switches of a core from one task to another."),
    _rate("cpu_interrupts_per_second", "Interrupts of hardware and timers."),
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
    _percent("pressure_cpu_percent", "Time in which some task waited for a processor."),
    _percent("pressure_memory_percent", "Time in which some task waited for memory."),
    _percent("pressure_memory_full_percent", "Time in which all tasks waited for memory at once."),
    _percent("pressure_io_percent", "Time in which some task waited for a disk."),
    _percent("pressure_io_full_percent", "Time in which all tasks waited for a disk at once."),
    _percent("memory_percent", "Memory that is not available to new programs."),
    _bytes("memory_total_bytes", "Physical memory."),
    _bytes("memory_used_bytes", "Memory in use by programs and the kernel."),
    _bytes("memory_available_bytes", "Memory a new program could get without swapping."),
    _bytes("memory_cached_bytes", "Memory holding cached file contents."),
    _bytes("memory_buffers_bytes", "Memory holding block-device buffers."),
    _bytes("memory_free_bytes", "Memory that holds nothing."),
    _bytes("memory_anonymous_bytes", "Memory of programs that no file backs."),
    _bytes("memory_shared_bytes", "Memory shared by programs and in memory file systems."),
    _bytes("memory_slab_bytes", "Memory holding the kernel's own objects."),
    _bytes("memory_page_tables_bytes", "Memory that tells where memory is."),
    _bytes("memory_dirty_bytes", "Cached file contents that wait to be written."),
    _bytes("memory_writeback_bytes", "Cached file contents being written."),
    _bytes("memory_committed_bytes", "Memory promised to programs; may exceed what there is."),
    _rate("memory_major_faults_per_second", "Accesses to memory that had to be read from a disk."),
    Metric(
        "memory_oom_kills_per_second",
        Unit.PER_SECOND,
        "Programs that the kernel ended because memory had run out.",
        decimals=3,
    ),
    _percent("swap_percent", "Swap space in use."),
    _bytes("swap_total_bytes", "Swap space."),
    _bytes("swap_used_bytes", "Swap space in use."),
    _byte_rate("swap_in_bytes_per_second", "Memory read back from swap."),
    _byte_rate("swap_out_bytes_per_second", "Memory written to swap."),
    _percent("disk_percent", "Space used, of what unprivileged programs may use.", _MOUNT),
    _bytes("disk_total_bytes", "Size of the file system.", _MOUNT),
    _bytes("disk_used_bytes", "Space used.", _MOUNT),
    _bytes("disk_free_bytes", "Space left for unprivileged programs.", _MOUNT),
    _percent("disk_inodes_percent", "Inodes used.", _MOUNT),
    _count("disk_inodes_total", "Inodes the file system has.", _MOUNT),
    _count("disk_inodes_used", "Inodes in use.", _MOUNT),
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
    _count("network_tcp_socket_count", "TCP sockets in a state.", _STATE),
    _count("network_udp_socket_count", "UDP sockets in use."),
    _rate("network_tcp_retransmits_per_second", "TCP segments that had to be sent again."),
    Metric("temperature_celsius", Unit.CELSIUS, "Temperature of a sensor.", _SENSOR, decimals=1),
    Metric("fan_speed_rpm", Unit.RPM, "Speed of a fan.", _SENSOR),
    _percent("battery_percent", "Charge of a battery.", _BATTERY),
    _count("battery_on_mains", "1 while the machine has mains power, 0 while it runs on battery."),
    Metric("uptime_seconds", Unit.SECONDS, "Time since the machine started."),
    _count("process_count", "Processes that exist."),
    _count("process_blocked_count", "Tasks that wait for a disk."),
    _rate("process_starts_per_second", "Processes and threads that were started."),
    _count("system_file_handle_count", "Files, sockets and pipes that are open."),
    _percent("system_file_handle_percent", "Open files, of what the kernel allows."),
    _count("system_user_session_count", "Sessions of people who are logged in."),
    _count("system_reboot_pending", "1 where an update waits for a restart, else 0."),
    _count("system_failed_unit_count", "Units of systemd that have failed."),
    _count("system_failed_unit", "1 for each unit of systemd that has failed.", _UNIT),
    _percent("container_cpu_percent", "Time a container kept the processor busy.", _CONTAINER),
    _bytes("container_memory_bytes", "Memory of a container, without idle cache.", _CONTAINER),
    _percent("gpu_percent", "Time the GPU was busy.", _GPU),
    _bytes("gpu_memory_total_bytes", "Memory of the GPU.", _GPU),
    _bytes("gpu_memory_used_bytes", "Memory of the GPU in use.", _GPU),
    Metric("gpu_temperature_celsius", Unit.CELSIUS, "Temperature of the GPU.", _GPU, decimals=1),
    Metric("gpu_power_watts", Unit.WATTS, "Power that the GPU draws.", _GPU, decimals=1),
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
