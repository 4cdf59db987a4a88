"""/proc/stat: each core's time by mode, and what the kernel counts, from one reading."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tara_agent import files


class CoreTicks(NamedTuple):
    """What a core has done since the machine started, in the kernel's ticks."""

    user: int
    nice: int
    system: int
    idle: int
    iowait: int
    irq: int
    softirq: int
    steal: int


class KernelActivity(NamedTuple):
    """Counters of context switches, interrupts and, where known, starts; and tasks that wait."""

    events: tuple[float, ...]
    blocked: int | None = None


class KernelStat:
    """Reads the file for the cores, and has the rest of it then."""

    def __init__(self, proc: Path) -> None:
        """`proc` is /proc, or a copy of it."""
        self._path = str(proc / "stat")
        self._content = b""

    def read_cores(self) -> Sequence[CoreTicks]:
        """Read the file; return every core's times."""
        self._content = files.read(self._path)
        cores = []
        for line in self._content.splitlines():
            if not line.startswith(b"cpu"):
                break
            if line[3:4] != b" ":  # the line without a number is the sum
                cores.append(CoreTicks(*map(int, line.split(None, 9)[1:9])))
        return cores

    def activity(self) -> KernelActivity:
        """Return what the reading before says; the kernel counts threads as starts too."""
        events = (self._number(b"\nctxt "), self._number(b"\nintr "), self._number(b"\nprocesses "))
        return KernelActivity(events, self._number(b"\nprocs_blocked "))

    def _number(self, name: bytes) -> int:
        """Return the first number of a line. The line of interrupts has thousands: found whole."""
        start = self._content.index(name) + len(name)
        return int(self._content[start : start + 24].split(None, 1)[0])
