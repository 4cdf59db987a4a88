"""Block devices: bytes, operations and time busy. Whole disks, not their partitions."""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final, Self

from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice
from tara_agent.collectors.diskstats import read_diskstats
from tara_agent.collectors.protocol import Values, by_metric
from tara_agent.counters import Rates

_METRICS: Final = (
    "device_read_bytes_per_second",
    "device_written_bytes_per_second",
    "device_reads_per_second",
    "device_writes_per_second",
    "device_busy_percent",
)
_LEFT_OUT: Final = ("loop", "ram", "zram", "fd")
_LOOK_AGAIN_SECONDS: Final = 60.0


def every_device() -> None:
    """Return None, for: take all that the counters name."""


def whole_disks(sys_path: Path) -> Collection[str] | None:
    """Return the names of devices that are no partitions; None where /sys does not tell."""
    try:
        # A slash in a device's name is an exclamation mark here: cciss!c0d0.
        return {name.replace("!", "/") for name in os.listdir(sys_path / "block")}  # noqa: PTH208
    except OSError:
        return None


class DeviceCollector:
    """Rates of each device since the last call."""

    name = "devices"

    def __init__(
        self,
        read: Callable[[], Mapping[str, Any]],
        find: Callable[[], Collection[str] | None] = every_device,
        *,
        choice: Choice = EVERYTHING_USUAL,
    ) -> None:
        """`read` returns counters by device as psutil does, `find` those worth keeping."""
        self._choice = choice
        self._read = read
        self._find = find
        self._find_at = float("-inf")
        self._kept: Collection[str] | None = None
        self._rates = Rates()

    @classmethod
    def for_linux(
        cls,
        sys_path: Path = Path("/sys"),
        proc: Path = Path("/proc"),
        *,
        choice: Choice = EVERYTHING_USUAL,
    ) -> Self:
        """Return a collector that reads /proc/diskstats, and asks /sys which are whole disks."""
        path = str(proc / "diskstats")
        return cls(lambda: read_diskstats(path), lambda: whole_disks(sys_path), choice=choice)

    def collect(self, now: float) -> Values:
        """Return the rates; busy is left out where the system does not count it."""
        if now >= self._find_at:
            self._kept = self._find()
            self._find_at = now + _LOOK_AGAIN_SECONDS
        counters = {
            name: _counters(device) for name, device in self._read().items() if self._keeps(name)
        }
        rates = self._rates.per_second(counters, now=now)
        shown = len(next(iter(rates.values()), ()))
        return by_metric(_METRICS[:shown], rates)

    def _keeps(self, name: str) -> bool:
        is_disk = name.rstrip("0123456789") not in _LEFT_OUT
        is_whole = self._kept is None or name in self._kept
        return self._choice.takes(name, by_default=is_disk and is_whole)


def _counters(device: Any) -> tuple[float, ...]:
    counted = (device.read_bytes, device.write_bytes, device.read_count, device.write_count)
    busy_milliseconds = getattr(device, "busy_time", None)
    if busy_milliseconds is None:
        return counted
    return (*counted, busy_milliseconds / 10)  # hundredths of a second: their rate is a percentage
