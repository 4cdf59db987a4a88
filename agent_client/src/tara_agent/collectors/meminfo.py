"""/proc/meminfo: memory by kind and swap space, from one reading."""

from pathlib import Path
from typing import Final

from tara_agent import files
from tara_agent.collectors.protocol import Values

_KINDS: Final = {
    "memory_free_bytes": b"MemFree",
    "memory_buffers_bytes": b"Buffers",
    "memory_anonymous_bytes": b"AnonPages",
    "memory_shared_bytes": b"Shmem",
    "memory_slab_bytes": b"Slab",
    "memory_page_tables_bytes": b"PageTables",
    "memory_dirty_bytes": b"Dirty",
    "memory_writeback_bytes": b"Writeback",
    "memory_committed_bytes": b"Committed_AS",
}


def parse_meminfo(content: bytes) -> dict[bytes, int]:
    """Return the sizes by name, in bytes."""
    lines = (line.split() for line in content.splitlines())
    return {words[0][:-1]: int(words[1]) * 1024 for words in lines if len(words) > 1}


class MeminfoCollector:
    """Memory and swap, in all and by kind."""

    name = "memory"

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """`proc` is /proc, or a copy of it."""
        self._path = str(proc / "meminfo")

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the figures in bytes; used is what is not available, on every system alike."""
        sizes = parse_meminfo(files.read(self._path))
        return {**_memory(sizes), **_swap(sizes)}


def _memory(sizes: dict[bytes, int]) -> Values:
    total, available = sizes[b"MemTotal"], sizes[b"MemAvailable"]
    values: Values = {
        "memory_percent": 100 * (total - available) / total,
        "memory_total_bytes": total,
        "memory_used_bytes": total - available,
        "memory_available_bytes": available,
        # As psutil and free count it: with what of the kernel's own can be given back.
        "memory_cached_bytes": sizes[b"Cached"] + sizes.get(b"SReclaimable", 0),
    }
    values.update((metric, sizes[kind]) for metric, kind in _KINDS.items() if kind in sizes)
    return values


def _swap(sizes: dict[bytes, int]) -> Values:
    """Return the figures; a machine without swap has no percentage of it."""
    total = sizes[b"SwapTotal"]
    used = total - sizes[b"SwapFree"]
    values: Values = {"swap_total_bytes": total, "swap_used_bytes": used}
    if total:
        values["swap_percent"] = 100 * used / total
    return values
