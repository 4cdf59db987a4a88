"""What the agent tells of its machine, besides samples."""

import os
import socket
import sys
from pathlib import Path
from typing import Any, Final

from tara_agent.version import VERSION

LENGTH_MAXIMUM: Final = 255

Facts = dict[str, str | int]


def machine_facts(root: Path = Path("/")) -> Facts:
    """Return the facts that this system tells; one it does not tell is left out."""
    facts: dict[str, str | int | None] = {
        "version": VERSION,
        "hostname": socket.gethostname(),
        "os": _os_name(root / "etc/os-release"),
        "kernel": _kernel(),
        "boot_id": _line_of(root / "proc/sys/kernel/random/boot_id"),
        "cpu_model": _after_colon(root / "proc/cpuinfo", "model name"),
        "cpu_count": os.cpu_count(),
        "memory_total_bytes": _memory_total(root / "proc/meminfo"),
    }
    return {name: _bounded(fact) for name, fact in facts.items() if fact}


def _memory_total(meminfo: Path) -> int:
    kilobytes = _after_colon(meminfo, "MemTotal")
    if kilobytes is not None:
        return int(kilobytes.split()[0]) * 1024
    import psutil  # noqa: PLC0415  (Linux does without)

    return int(psutil.virtual_memory().total)


def _os_name(path: Path) -> str | None:
    for line in _lines_of(path):
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip("\"'")
    return sys.platform


def _kernel() -> str | None:
    uname: Any = getattr(os, "uname", None)
    return uname().release if uname else None


def _after_colon(path: Path, key: str) -> str | None:
    for line in _lines_of(path):
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None


def _line_of(path: Path) -> str | None:
    return next(iter(_lines_of(path)), None)


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _bounded(fact: str | int) -> str | int:
    return fact[:LENGTH_MAXIMUM] if isinstance(fact, str) else fact
