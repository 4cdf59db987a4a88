"""Containers by the kernel's accounts: control groups, version 1 or 2. No engine is asked."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Protocol, Self

from tara_agent import files

_OF_A_CONTAINER: Final = re.compile(
    r"(?:(?:docker|libpod|crio|cri-containerd|containerd|nerdctl)-)?"
    r"(?P<id>[0-9a-f]{64})(?:\.scope)?"
    r"|lxc\.payload\.(?P<lxc>.+)"
    r"|machine-(?P<machine>.+)\.scope"
)
_WITHOUT_CONTAINERS: Final = (".service", ".mount", ".socket", ".swap", ".automount")
_DEPTH_MAXIMUM: Final = 8
_FOLDERS_MAXIMUM: Final = 2000


class Group(NamedTuple):
    """A container's control group. `key` is its id, or its name where it has no other."""

    key: str
    path: str


class Usage(NamedTuple):
    """What a container has used since it started, and what it holds."""

    cpu_seconds: float
    memory_bytes: int


class Hierarchy(Protocol):
    """Where the control groups are, and what they say."""

    def groups(self) -> Iterable[Group]:
        """Yield the containers' groups."""
        ...

    def usage(self, group: Group) -> Usage:
        """Return what the group has used. Raises OSError, ValueError or KeyError for one ended."""
        ...


class Unified:
    """Version 2: one tree."""

    def __init__(self, root: Path) -> None:
        """`root` is where the tree is mounted."""
        self._root = str(root)

    def groups(self) -> Iterable[Group]:
        """Yield the containers' groups."""
        return find_groups(self._root)

    def usage(self, group: Group) -> Usage:
        """Return what the group has used; memory as docker and kubectl count it."""
        memory = int(files.read(f"{group.path}/memory.current"))
        idle = _numbers(f"{group.path}/memory.stat").get(b"inactive_file", 0)
        cpu = _numbers(f"{group.path}/cpu.stat")[b"usage_usec"]
        return Usage(cpu / 1e6, max(0, memory - idle))


class Split:
    """Version 1: a tree for each kind of account, alike in shape."""

    def __init__(self, cpu: Path, memory: Path) -> None:
        """`cpu` and `memory` are where the two trees are mounted."""
        self._cpu = str(cpu)
        self._memory = str(memory)

    @classmethod
    def below(cls, root: Path) -> Self:
        """Return the trees that systems of that time mount below /sys/fs/cgroup."""
        return cls(root / "cpuacct", root / "memory")

    def groups(self) -> Iterable[Group]:
        """Yield the containers' groups."""
        return find_groups(self._cpu)

    def usage(self, group: Group) -> Usage:
        """Return what the group has used; memory as docker and kubectl count it."""
        memory_path = self._memory + group.path.removeprefix(self._cpu)
        memory = int(files.read(f"{memory_path}/memory.usage_in_bytes"))
        idle = _numbers(f"{memory_path}/memory.stat").get(b"total_inactive_file", 0)
        cpu = int(files.read(f"{group.path}/cpuacct.usage"))
        return Usage(cpu / 1e9, max(0, memory - idle))


def hierarchy_at(root: Path = Path("/sys/fs/cgroup")) -> Hierarchy | None:
    """Return the hierarchy that is mounted at `root`; None where there is none."""
    if (root / "cgroup.controllers").exists():
        return Unified(root)
    split = Split.below(root)
    return split if (root / "cpuacct").is_dir() else None


def find_groups(root: str) -> Iterable[Group]:
    """Yield the groups of containers, not those within one; services are not looked into."""
    waiting = [(root, 0)]
    looked_at = 0
    while waiting and looked_at < _FOLDERS_MAXIMUM:
        folder, depth = waiting.pop()
        looked_at += 1
        for name in _folders(folder):
            path = f"{folder}/{name}"
            match = _OF_A_CONTAINER.fullmatch(name)
            if match:
                yield Group(match[match.lastgroup or 0], path)
            elif folder.endswith("/lxc"):
                yield Group(name, path)
            elif depth < _DEPTH_MAXIMUM and _may_hold_containers(folder, name):
                waiting.append((path, depth + 1))


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []  # gone meanwhile, or not ours to see


def _may_hold_containers(folder: str, name: str) -> bool:
    """False for the services of the system: most of the tree. Rootless engines are a user's."""
    return not (folder.endswith("/system.slice") and name.endswith(_WITHOUT_CONTAINERS))


def _numbers(path: str) -> dict[bytes, int]:
    """Return name -> number, of a file with such a pair a line."""
    words = (line.split() for line in files.read(path).splitlines())
    return {name: int(number) for name, number in words}
