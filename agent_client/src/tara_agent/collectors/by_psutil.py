"""What psutil gives on Windows, macOS and the BSDs. On Linux none of it is loaded: 1 MB less."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psutil

from tara_agent.collectors.battery import Power
from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice
from tara_agent.collectors.hwmon import Reading
from tara_agent.collectors.kernel_stat import KernelActivity
from tara_agent.collectors.mount_table import Mount, is_pseudo, is_remote
from tara_agent.collectors.mounts import Usage, usage_of
from tara_agent.collectors.processes import Process


def core_times() -> Sequence[Any]:
    """Return the seconds each core has spent in each mode since the machine started."""
    return psutil.cpu_times(percpu=True)


def activity() -> KernelActivity:
    """Return context switches and interrupts: no starts, and nothing of what waits."""
    stats = psutil.cpu_stats()
    return KernelActivity((stats.ctx_switches, stats.interrupts))


def load() -> tuple[float, float, float]:
    """Return the load averages; on Windows psutil makes them itself."""
    return psutil.getloadavg()


def memory() -> Any:
    """Return psutil's named tuple of memory."""
    return psutil.virtual_memory()


def swap() -> tuple[int, int]:
    """Return the bytes of swap, in all and in use."""
    found = psutil.swap_memory()
    return found.total, found.used


def uptime() -> float:
    """Return the seconds since the machine started, by the wall clock."""
    return time.time() - psutil.boot_time()


def process_count() -> int:
    """Return how many processes exist."""
    return len(psutil.pids())


def frequencies() -> Iterable[float]:
    """Return the frequency in hertz, where psutil can tell."""
    frequency = getattr(psutil, "cpu_freq", lambda: None)()
    return [frequency.current * 1e6] if frequency and frequency.current else []


def temperatures(now: float) -> Iterable[Reading]:  # noqa: ARG001
    """Yield what psutil finds, where the system has such a function."""
    for chip, sensors in getattr(psutil, "sensors_temperatures", dict)().items():
        for sensor in sensors:
            yield f"{chip} {sensor.label}".strip(), sensor.current


def fans(now: float) -> Iterable[Reading]:  # noqa: ARG001
    """Yield what psutil finds, where the system has such a function."""
    for chip, found in getattr(psutil, "sensors_fans", dict)().items():
        for fan in found:
            yield f"{chip} {fan.label}".strip(), fan.current


def power() -> Power:
    """Return what psutil finds: one battery, or none."""
    battery = getattr(psutil, "sensors_battery", lambda: None)()
    return (
        Power({"battery": battery.percent}, battery.power_plugged) if battery else Power({}, None)
    )


def user_sessions() -> int:
    """Return the sessions that the system keeps a record of."""
    return len(psutil.users())


def device_counters() -> Mapping[str, Any]:
    """Return the counters by device. `nowrap` would keep a second copy of each for ever."""
    return psutil.disk_io_counters(perdisk=True, nowrap=False) or {}


def interface_counters() -> Mapping[str, Any]:
    """Return the counters by interface. `nowrap` would keep a second copy of each for ever."""
    return psutil.net_io_counters(pernic=True, nowrap=False) or {}


def mounts(choice: Choice = EVERYTHING_USUAL) -> list[Mount]:
    """Return the mounts that psutil calls physical."""
    return [
        Mount(part.mountpoint, is_remote(part.fstype))
        for part in psutil.disk_partitions(all=False)
        if choice.takes(
            part.mountpoint, by_default=bool(part.fstype) and not is_pseudo(part.fstype)
        )
    ]


def usage(path: str) -> Usage:
    """Return the usage of the file system at `path`. Raises OSError. May hang if it is remote."""
    if hasattr(os, "statvfs"):
        return usage_of(path)
    found = psutil.disk_usage(path)
    return Usage(found.total, found.used, found.free)


def walk() -> Iterable[Process]:
    """Yield every process that psutil may look into."""
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                times, rss = process.cpu_times(), process.memory_info().rss
                cpu_seconds = times.user + times.system
                yield Process(process.pid, process.create_time(), cpu_seconds, rss, process.name())
        except psutil.Error:
            continue  # ended meanwhile, or not ours to see
