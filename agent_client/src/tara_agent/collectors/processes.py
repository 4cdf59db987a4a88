"""The processes that use most: by processor and by memory, looked at on an interval of their own.

Walking all processes costs more than all other collectors together, so it is done once a minute,
and every two seconds while somebody watches live.
"""

import os
import time
from collections.abc import Callable, Iterable
from heapq import nlargest
from pathlib import Path
from typing import Final, NamedTuple, Self

from tara_agent import files
from tara_agent.names import clean

TOP: Final = 5
"""How many by processor, and how many by memory; those that are in both are told once."""
CALM_SECONDS: Final = 60.0
LIVE_SECONDS: Final = 2.0
CALM_SHARE: Final = 1e-4
"""What the walks may take of a core: 1 ms in ten seconds. With many processes, they get rarer."""
LIVE_SHARE: Final = 1e-2
_SLACK: Final = 1.25
"""Samples come a little early or late."""
_COMM_MAXIMUM: Final = 15
"""Where the kernel cuts a process's name."""

Told = dict[str, str | int | float]
"""A process as the wire has it: `pid`, `name`, `cpu_percent` of one core, `memory_bytes`."""


class Process(NamedTuple):
    """One process. `started` tells it from a later one with its pid; its unit is the system's."""

    pid: int
    started: float
    cpu_seconds: float
    memory_bytes: int
    name: str


class ProcessFiles:
    """Processes as /proc/PID/stat has them: one small file each."""

    def __init__(self, proc: Path) -> None:
        """`proc` is /proc, or a copy of it."""
        self._proc = str(proc)
        self._tick_seconds = 1 / os.sysconf("SC_CLK_TCK")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")

    def walk(self) -> Iterable[Process]:
        """Yield every process."""
        for name in os.listdir(self._proc):  # noqa: PTH208  (a third of the time)
            if name.isdecimal():
                try:
                    yield self._process(int(name), files.read(f"{self._proc}/{name}/stat"))
                except (OSError, ValueError, IndexError):
                    continue  # it has ended meanwhile

    def full_name(self, process: Process) -> str:
        """Return the name that the kernel has cut, from the program's path; never an argument."""
        if len(process.name) < _COMM_MAXIMUM:
            return process.name
        try:
            line = files.read(f"{self._proc}/{process.pid}/cmdline")
        except OSError:
            return process.name
        program = os.fsdecode(line.partition(b"\0")[0]).rpartition("/")[2]
        # A space means that it is a title which the process gave itself: it may hold anything.
        is_cut = program.startswith(process.name) and " " not in program
        return program if is_cut else process.name

    def _process(self, pid: int, stat: bytes) -> Process:
        head, _, rest = stat.rpartition(b")")  # a name may hold anything, brackets too
        fields = rest.split(None, 22)
        return Process(
            pid,
            started=int(fields[19]),
            cpu_seconds=(int(fields[11]) + int(fields[12])) * self._tick_seconds,
            memory_bytes=int(fields[21]) * self._page_bytes,
            name=os.fsdecode(head.partition(b"(")[2]),
        )


class ProcessWatch:
    """Looks at the processes when it is due, and tells the top ones."""

    name = "processes"

    def __init__(
        self,
        walk: Callable[[], Iterable[Process]],
        full_name: Callable[[Process], str] = lambda process: process.name,
        *,
        cpu_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """`walk` yields all processes; `cpu_clock` says what the walks have cost, in seconds."""
        self._walk = walk
        self._full_name = full_name
        self._cpu_clock = cpu_clock
        self._asked_at = float("-inf")
        self._walked_at: float | None = None
        self._has_told = False
        self._walk_seconds = 0.0
        self._last: dict[tuple[int, float], float] = {}

    @classmethod
    def for_linux(cls, proc: Path = Path("/proc")) -> Self:
        """Return a watch that reads /proc."""
        source = ProcessFiles(proc)
        return cls(source.walk, source.full_name)

    def look(self, now: float) -> list[Told]:
        """Return the top processes since the last walk; none where no walk is due.

        It is asked with each sample; `now` in monotonic seconds. The first call looks only, and the
        second one tells. Samples no further apart than LIVE_SECONDS mean that somebody watches.
        """
        since_sample, self._asked_at = now - self._asked_at, now
        is_due = self._walked_at is None or now - self._walked_at >= self._rest_seconds(
            is_live=since_sample <= LIVE_SECONDS * _SLACK
        )
        return self._top(now) if is_due else []

    def _rest_seconds(self, *, is_live: bool) -> float:
        """Return how long after the last walk the next one is due."""
        if not self._has_told:
            return 0.0
        if is_live:
            return max(LIVE_SECONDS / _SLACK, self._walk_seconds / LIVE_SHARE)
        return max(CALM_SECONDS - LIVE_SECONDS, self._walk_seconds / CALM_SHARE)

    def _top(self, now: float) -> list[Told]:
        began = self._cpu_clock()
        last, walked_at = self._last, self._walked_at
        processes = list(self._walk())
        self._last = {(each.pid, each.started): each.cpu_seconds for each in processes}
        self._walked_at = now
        told: list[Told] = []
        if walked_at is not None and now > walked_at:
            told = self._told(processes, last, now - walked_at)
            self._has_told = True
        self._walk_seconds = self._cpu_clock() - began
        return told

    def _told(
        self, processes: list[Process], last: dict[tuple[int, float], float], seconds: float
    ) -> list[Told]:
        # A process that was not there at the last walk has used all its time since.
        used = {
            each.pid: each.cpu_seconds - last.get((each.pid, each.started), 0.0)
            for each in processes
        }
        by_cpu = nlargest(TOP, processes, key=lambda each: used[each.pid])
        by_memory = nlargest(TOP, processes, key=lambda each: each.memory_bytes)
        top = {each.pid: each for each in by_cpu if used[each.pid] > 0}
        top.update((each.pid, each) for each in by_memory if each.memory_bytes)
        return [
            {
                "pid": each.pid,
                "name": clean(self._full_name(each)),
                "cpu_percent": round(max(0.0, 100 * used[each.pid] / seconds), 1),
                "memory_bytes": each.memory_bytes,
            }
            for each in top.values()
        ]
