"""Processor time: in all, by mode and per core, from one reading."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final

import psutil

from tara_agent.collectors.protocol import Values

_MODES: Final = {
    "cpu_user_percent": ("user",),
    "cpu_nice_percent": ("nice",),
    "cpu_system_percent": ("system",),
    "cpu_iowait_percent": ("iowait",),
    "cpu_irq_percent": ("irq", "softirq", "interrupt", "dpc"),
    "cpu_steal_percent": ("steal",),
}
_GUEST: Final = {"guest", "guest_nice"}  # already in user and nice
_IDLE: Final = {"idle", "iowait"}

Times = dict[str, float]
"""Mode -> seconds."""


def read_core_times() -> Sequence[Any]:
    """Return the seconds each core has spent in each mode since the machine started."""
    return psutil.cpu_times(percpu=True)


class CpuCollector:
    """Percentages of the time between two calls."""

    name = "cpu"

    def __init__(self, read: Callable[[], Sequence[Any]] = read_core_times) -> None:
        """`read` returns a named tuple of seconds by mode for each core."""
        self._read = read
        self._last: list[Times] = []

    def collect(self, now: float) -> Values:  # noqa: ARG002  (the times are clock enough)
        """Return the percentages since the last call, nothing on the first."""
        last, self._last = self._last, [_times(core) for core in self._read()]
        if len(last) != len(self._last):
            return {}  # the first call, or a core came or went
        cores = [_progress(old, new) for old, new in zip(last, self._last, strict=True)]
        values: Values = {}
        if all(core is not None for core in cores):
            values.update(_by_mode(_sum([core for core in cores if core is not None])))
        per_core = {str(n): _busy_percent(core) for n, core in enumerate(cores) if core}
        return {**values, "cpu_core_percent": per_core} if per_core else values


def _times(core: Any) -> Times:
    kind: type = type(core)
    modes, read = _modes_of(kind)
    return dict(zip(modes, read(core), strict=True))


@cache
def _modes_of(kind: Any) -> tuple[list[str], Callable[[Any], tuple[float, ...]]]:
    """Return the modes that this kind of named tuple tells, and what reads them from one."""
    modes = [field for field in kind._fields if field not in _GUEST]
    return modes, attrgetter(*modes)


def _progress(old: Times, new: Times) -> Times | None:
    """Return the time passed in each mode; None after a reset, or where no time has passed.

    Linux lets idle and iowait step back a little; that counts as no progress, not as a reset.
    """
    passed = {mode: new[mode] - old[mode] for mode in new}
    if any(seconds < 0 and mode not in _IDLE for mode, seconds in passed.items()):
        return None
    passed = {mode: max(0.0, seconds) for mode, seconds in passed.items()}
    return passed if sum(passed.values()) > 0 else None


def _sum(cores: list[Times]) -> Times:
    return {mode: sum(core[mode] for core in cores) for mode in cores[0]} if cores else {}


def _by_mode(passed: Times) -> Values:
    if not passed:
        return {}
    total = sum(passed.values())
    values: Values = {"cpu_percent": _busy_percent(passed)}
    for metric, modes in _MODES.items():
        seconds = [passed[mode] for mode in modes if mode in passed]
        if seconds:
            values[metric] = 100 * sum(seconds) / total
    return values


def _busy_percent(passed: Times) -> float:
    idle = sum(seconds for mode, seconds in passed.items() if mode in _IDLE)
    total = sum(passed.values())
    return 100 * (total - idle) / total
