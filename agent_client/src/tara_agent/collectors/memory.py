"""Physical memory, for systems without a /proc/meminfo."""

from collections.abc import Callable
from typing import Any

from tara_agent.collectors.protocol import Values


class MemoryCollector:
    """Memory in all, in use, available, cached and in buffers."""

    name = "memory"

    def __init__(self, read: Callable[[], Any]) -> None:
        """`read` returns what psutil.virtual_memory does."""
        self._read = read

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the figures in bytes; used is what is not available, on every system alike."""
        memory = self._read()
        used = memory.total - memory.available
        values: Values = {
            "memory_percent": 100 * used / memory.total,
            "memory_total_bytes": memory.total,
            "memory_used_bytes": used,
            "memory_available_bytes": memory.available,
        }
        for kind in ("cached", "buffers"):
            if hasattr(memory, kind):  # Windows has neither, macOS no buffers
                values[f"memory_{kind}_bytes"] = getattr(memory, kind)
        return values
