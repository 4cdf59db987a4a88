"""Open files of the whole machine, sockets and pipes among them."""

from pathlib import Path
from typing import Final

from tara_agent import files
from tara_agent.collectors.protocol import Values

_NO_LIMIT: Final = 2**53
"""Kernels since 5.x allow 2^63 open files by default, which is to say: any number."""


class HandleCollector:
    """How many files are open, of how many; from /proc/sys/fs/file-nr."""

    name = "handles"

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """`proc` is /proc, or a copy of it."""
        self._path = str(proc / "sys/fs/file-nr")

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the count, and its percentage where there is a limit."""
        opened, unused, maximum = map(int, files.read(self._path).split())
        values: Values = {"system_file_handle_count": opened - unused}
        if 0 < maximum < _NO_LIMIT:
            values["system_file_handle_percent"] = 100 * (opened - unused) / maximum
        return values
