"""Processor time, in all, by mode and per core, and what the kernel did in it."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from tara_agent.collectors.kernel_stat import KernelActivity, KernelStat
from tara_agent.collectors.protocol import Values
from tara_agent.counters import Rates

_METRICS: Final = {
    "cpu_user_percent": ("user",),
    "cpu_nice_percent": ("nice",),
    "cpu_system_percent": ("system",),
    "cpu_iowait_percent": ("iowait",),
    "cpu_irq_percent": ("irq", "softirq", "interrupt", "dpc"),
    "cpu_steal_percent": ("steal",),
}
_EVENTS: Final = (
    "cpu_context_switches_per_second",
    "cpu_interrupts_per_second",
    "process_starts_per_second",
)
_GUEST: Final = {"guest", "guest_nice"}  # already in user and nice
_IDLE: Final = {"idle", "iowait"}

Times = tuple[float, ...]
"""The time in each mode, in the modes' order."""


class Modes(NamedTuple):
    """What a reading of a core consists of. `idle` and each metric's are places in it."""

    read: Callable[[Any], Times]
    idle: tuple[int, ...]
    metrics: dict[str, tuple[int, ...]]


class CpuCollector:
    """Percentages of the time between two calls."""

    name = "cpu"

    def __init__(
        self,
        read: Callable[[], Sequence[Any]],
        activity: Callable[[], KernelActivity],
    ) -> None:
        """`read` returns a named tuple of times by mode for each core; `activity` is asked next."""
        self._read = read
        self._activity = activity
        self._last: list[Times] = []
        self._rates = Rates()

    @classmethod
    def for_linux(cls, proc: Path = Path("/proc")) -> Self:
        """Return a collector that reads /proc/stat, once for all of it."""
        stat = KernelStat(proc)
        return cls(stat.read_cores, stat.activity)

    def collect(self, now: float) -> Values:
        """Return the percentages and rates since the last call, no such thing on the first."""
        return {**self._percentages(), **self._activity_values(now)}

    def _percentages(self) -> Values:
        cores = self._read()
        if not cores:
            return {}
        kind: Any = type(cores[0])
        modes = _modes_of(kind)
        last, self._last = self._last, [modes.read(core) for core in cores]
        if len(last) != len(self._last):
            return {}  # the first call, or a core came or went
        passed = [_progress(old, new, modes) for old, new in zip(last, self._last, strict=True)]
        values: Values = {}
        if all(passed):
            values.update(_by_mode([sum(times) for times in zip(*passed, strict=True)], modes))
        per_core = {str(n): _busy_percent(core, modes) for n, core in enumerate(passed) if core}
        return {**values, "cpu_core_percent": per_core} if per_core else values

    def _activity_values(self, now: float) -> Values:
        activity = self._activity()
        rates = self._rates.per_second({"": activity.events}, now=now).get("", ())
        values: Values = dict(zip(_EVENTS, rates, strict=False))
        if activity.blocked is not None:
            values["process_blocked_count"] = activity.blocked
        return values


@cache
def _modes_of(kind: Any) -> Modes:
    """Return the modes that this kind of named tuple tells, and what reads them from one."""
    modes = [field for field in kind._fields if field not in _GUEST]
    metrics = {
        metric: tuple(modes.index(mode) for mode in named if mode in modes)
        for metric, named in _METRICS.items()
    }
    return Modes(
        read=attrgetter(*modes),
        idle=tuple(place for place, mode in enumerate(modes) if mode in _IDLE),
        metrics={metric: places for metric, places in metrics.items() if places},
    )


def _progress(old: Times, new: Times, modes: Modes) -> Sequence[float]:
    """Return the time passed in each mode; empty after a reset, or where no time has passed.

    Linux lets idle and iowait step back a little; that counts as no progress, not as a reset.
    """
    passed = [late - early for early, late in zip(old, new, strict=True)]
    for place in modes.idle:
        passed[place] = max(0.0, passed[place])
    return passed if min(passed) >= 0 and sum(passed) > 0 else ()


def _by_mode(passed: Sequence[float], modes: Modes) -> Values:
    total = sum(passed)
    values: Values = {"cpu_percent": _busy_percent(passed, modes)}
    for metric, places in modes.metrics.items():
        values[metric] = 100 * sum(passed[place] for place in places) / total
    return values


def _busy_percent(passed: Sequence[float], modes: Modes) -> float:
    total = sum(passed)
    return 100 * (total - sum(passed[place] for place in modes.idle)) / total
