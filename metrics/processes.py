"""The processes of a sample, bounded and cleaned as they are stored with an agent's latest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from metrics import names
from metrics.wire import PROCESSES_MAXIMUM, WireProcess


def packed(processes: Sequence[WireProcess]) -> bytes:
    """Return the JSON of these processes, empty for none."""
    if not processes:
        return b""
    return msgspec.json.encode([_cleaned(process) for process in processes[:PROCESSES_MAXIMUM]])


def _cleaned(process: WireProcess) -> WireProcess:
    return WireProcess(
        pid=min(max(0, process.pid), 2**31),
        name=names.clean(process.name),
        cpu_percent=process.cpu_percent if math.isfinite(process.cpu_percent) else 0.0,
        memory_bytes=min(max(0, process.memory_bytes), 2**60),
    )
