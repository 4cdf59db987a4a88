"""What the kernel says that a process has cost. Linux only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """A process's memory in megabytes of 2^20 bytes; those of 10^6 would flatter."""

    rss: float
    pss: float
    private: float


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of the process's threads that live, and of its children that ended.

    The scheduler counts in nanoseconds; the ticks of /proc/PID/stat are 10 ms, five samples' worth.
    """
    tasks = Path(f"/proc/{pid}/task").iterdir()
    threads = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return threads / 1e9 + _children_seconds(pid)


def memory(pid: int) -> Memory:
    """Return the memory of the process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines}
    private = kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]
    return Memory(kilobytes["Rss:"] / 1024, kilobytes["Pss:"] / 1024, private / 1024)


def thread_count(pid: int) -> int:
    """Return how many threads the process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _children_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICKS_A_SECOND
