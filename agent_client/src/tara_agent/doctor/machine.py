"""This machine: the folder for samples in an outage, and what each collector can measure."""

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tara_agent.collectors.processes import ProcessWatch
from tara_agent.collectors.protocol import Collector, Values
from tara_agent.doctor.deadline import Underway, begin
from tara_agent.doctor.findings import Finding, failed, good, odd
from tara_agent.spool.folder import Space, space_at
from tara_agent.spool.spool import LIMITS

COLLECTORS_SECONDS: Final = 8.0
_BETWEEN_SECONDS: Final = 0.3
_MIB: Final = 2**20
_REPORT: Final = "Report it with this line; every other collector goes on."


def examine_spool(path: Path | None, space: Space | None = None) -> Finding:
    """Return whether samples could be kept there. Writes nothing. `space` is asked for if None."""
    subject = "spool"
    if path is None:
        advice = "Set AGENT_SPOOL_DIR to a folder if a long outage should cost nothing."
        return odd(subject, "none: the last 1,000 samples are kept in memory", advice)
    there = _nearest_folder(path)
    if not os.access(there, os.W_OK | os.X_OK):
        return failed(
            subject,
            f"{there} cannot be written by this user",
            "Let the agent's user write there, name another folder in AGENT_SPOOL_DIR, or run this "
            "as the agent's user.",
        )
    space = space or space_at(there)
    if space is not None and space.free_bytes < LIMITS.must_stay_free(space):
        free, needed = space.free_bytes // _MIB, LIMITS.must_stay_free(space) / _MIB
        return failed(
            subject,
            f"the disk of {there} has {free} MiB free, and {needed:.0f} are left to others",
            "Make room there, or name a folder on another disk in AGENT_SPOOL_DIR.",
        )
    return good(subject, f"{path}{'' if there == path else ' can be made when it is needed'}")


def _nearest_folder(path: Path) -> Path:
    """Return the path, or the first folder above it that is there."""
    for candidate in [path, *path.parents]:
        if os.path.lexists(candidate):
            return candidate
    return path


class Watched:
    """The watch over processes as a collector: a value for each one that it would tell of."""

    def __init__(self, watch: ProcessWatch) -> None:
        self.name = watch.name
        self._watch = watch

    def collect(self, now: float) -> Values:
        """Return the memory of the top processes, by number; nothing the first time."""
        told = self._watch.look(now)
        return {self.name: {str(each["pid"]): float(each["memory_bytes"]) for each in told}}


def examine_collectors(collectors: Sequence[Collector]) -> Iterator[Finding]:
    """Yield what each collector measures, all asked at once and twice, as rates need it."""
    calls = [(it.name, begin(partial(_collect, it))) for it in collectors]
    deadline = time.monotonic() + COLLECTORS_SECONDS
    for name, underway in calls:
        yield _collector(name, underway, deadline - time.monotonic())


def _collect(collector: Collector) -> Values:
    collector.collect(time.monotonic())
    time.sleep(_BETWEEN_SECONDS)
    return collector.collect(time.monotonic())


def _collector(name: str, underway: Underway, seconds: float) -> Finding:
    subject = f"collector {name}"
    try:
        values: Values = underway.result(seconds)
    except TimeoutError:
        seen = f"no answer within {COLLECTORS_SECONDS:.0f} s"
        return failed(subject, seen, "See to mounts or devices that hang on this machine.")
    except Exception as error:  # noqa: BLE001  (whatever a collector raises is what is looked for)
        return failed(subject, f"{type(error).__name__}: {error}", _REPORT)
    count = sum(len(value) if isinstance(value, dict) else 1 for value in values.values())
    if not count:
        return good(subject, "nothing of its kind on this machine")
    return good(subject, f"{count} value{'s' if count > 1 else ''}")
