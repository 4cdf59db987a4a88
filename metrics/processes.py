"""The processes an agent saw last, bounded and cleaned as they are stored with its state.

Agents look at their processes less often than at the rest, and most samples come without: what was
seen last stays, with its time, until newer ones come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from metrics import names
from metrics.wire import PROCESSES_MAXIMUM, Block, WireProcess


class Seen(msgspec.Struct):
    """Processes, and when the agent saw them, in milliseconds of Unix time."""

    time_ms: int
    processes: list[WireProcess]


def newest_of(blocks: Iterable[Block]) -> bytes:
    """Return the packed processes of the newest sample that has any; empty where none has."""
    time_ms, newest = -1, None
    for block in blocks:
        for at, processes in zip(block.times_ms, block.processes, strict=True):
            if processes and at > time_ms:
                time_ms, newest = at, processes
    return packed(time_ms, newest) if newest else b""


def packed(time_ms: int, processes: Sequence[WireProcess]) -> bytes:
    """Return the JSON of these processes."""
    cleaned = [_cleaned(process) for process in processes[:PROCESSES_MAXIMUM]]
    return msgspec.json.encode(Seen(time_ms, cleaned))


def unpacked(stored: bytes | memoryview) -> Seen | None:
    """Return what was packed; None for nothing, and for a form that we no longer write."""
    try:
        return msgspec.json.decode(stored, type=Seen) if stored else None
    except msgspec.ValidationError:
        return None


def _cleaned(process: WireProcess) -> WireProcess:
    return WireProcess(
        pid=min(max(0, process.pid), 2**31),
        name=names.clean(process.name),
        cpu_percent=process.cpu_percent if math.isfinite(process.cpu_percent) else 0.0,
        memory_bytes=min(max(0, process.memory_bytes), 2**60),
    )
