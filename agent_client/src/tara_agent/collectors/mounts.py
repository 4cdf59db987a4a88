"""Space and inodes of every real mount."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, Self

from tara_agent import files
from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice
from tara_agent.collectors.mount_table import Mount, parse_mountinfo
from tara_agent.collectors.probes import Probes
from tara_agent.collectors.protocol import Values, by_metric

_LOOK_AGAIN_SECONDS: Final = 60.0
_SPACE: Final = ("disk_percent", "disk_total_bytes", "disk_used_bytes", "disk_free_bytes")
_INODES: Final = ("disk_inodes_percent", "disk_inodes_total", "disk_inodes_used")


class Usage(NamedTuple):
    """What a file system holds; `free_bytes` is what unprivileged programs may still take."""

    total_bytes: int
    used_bytes: int
    free_bytes: int
    inodes_total: int = 0
    inodes_used: int = 0


def usage_of(path: str) -> Usage:
    """Return the usage of the file system at `path`. Raises OSError. May hang if it is remote."""
    stat = os.statvfs(path)
    return Usage(
        total_bytes=stat.f_blocks * stat.f_frsize,
        used_bytes=(stat.f_blocks - stat.f_bfree) * stat.f_frsize,
        free_bytes=stat.f_bavail * stat.f_frsize,
        inodes_total=stat.f_files,
        inodes_used=stat.f_files - stat.f_ffree,
    )


class MountCollector:
    """Usage of each mount. Remote ones are asked in threads: a dead server costs only its own."""

    name = "mounts"

    def __init__(
        self,
        find: Callable[[], list[Mount]],
        usage: Callable[[str], Usage] = usage_of,
        *,
        deadline_seconds: float = 2.0,
    ) -> None:
        """`find` returns the mounts, asked once a minute; `usage` measures one."""
        self._find = find
        self._find_at = float("-inf")
        self._mounts: list[Mount] = []
        self._usage = usage
        self._probes = Probes(usage, deadline_seconds=deadline_seconds)

    @classmethod
    def for_linux(cls, proc: Path = Path("/proc"), *, choice: Choice = EVERYTHING_USUAL) -> Self:
        """Return a collector that reads the mounts that this process sees."""
        table = proc / "self/mountinfo"
        return cls(lambda: parse_mountinfo(files.read(table), choice=choice))

    def collect(self, now: float) -> Values:
        """Return the usage of the mounts that answered."""
        if now >= self._find_at:
            self._mounts = self._find()
            self._find_at = now + _LOOK_AGAIN_SECONDS
        usages = self._local() | self._probes.ask([m.path for m in self._mounts if m.is_remote])
        space = {path: _space(usage) for path, usage in usages.items() if _capacity(usage)}
        inodes = {path: _inodes(usage) for path, usage in usages.items() if usage.inodes_total}
        return {**by_metric(_SPACE, space), **by_metric(_INODES, inodes)}

    def _local(self) -> dict[str, Usage]:
        """Return the usage of the local mounts: 1 µs each, where a thread would take 140."""
        usages = {}
        for mount in self._mounts:
            if not mount.is_remote:
                try:
                    usages[mount.path] = self._usage(mount.path)
                except OSError:
                    continue  # unmounted since it was found, or not ours to see
        return usages


def _capacity(usage: Usage) -> int:
    """Return the bytes that unprivileged programs have or may get: what df's percentage is of."""
    return usage.used_bytes + usage.free_bytes


def _space(usage: Usage) -> tuple[float, ...]:
    percent = 100 * usage.used_bytes / _capacity(usage)
    return (percent, usage.total_bytes, usage.used_bytes, usage.free_bytes)


def _inodes(usage: Usage) -> tuple[float, ...]:
    percent = 100 * usage.inodes_used / usage.inodes_total
    return (percent, usage.inodes_total, usage.inodes_used)
