"""Uptime, and the number of processes."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tara_agent.collectors.protocol import Values


def uptime_by_boot_clock() -> float:
    """Return the seconds since the machine started, time asleep included. Linux has this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def count_pids(proc: Path = Path("/proc")) -> int:
    """Return how many processes exist; nothing of them is opened."""
    return sum(map(str.isdecimal, os.listdir(proc)))  # noqa: PTH208  (a third of the time)


class UptimeCollector:
    """How long the machine has been up."""

    name = "system"

    def __init__(self, uptime: Callable[[], float]) -> None:
        """`uptime` returns seconds."""
        self._uptime = uptime

    @classmethod
    def for_linux(cls) -> Self:
        """Return a collector that asks the boot clock: no file to read, no wall clock to jump."""
        return cls(uptime_by_boot_clock)

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the uptime."""
        return {"uptime_seconds": self._uptime()}


class ProcessCountCollector:
    """How many processes there are.

    Listing them is the one thing here whose cost grows with the machine: 0.2 ms for 85, so it is
    not for every sample.
    """

    name = "system"

    def __init__(self, count: Callable[[], int]) -> None:
        """`count` returns the number of processes."""
        self._count = count

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the count."""
        return {"process_count": self._count()}
