"""A process of the product under test that is killed, and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path

from benchmarks.server import procfile_line
from tests import processes


class Victim:
    """A process of the Procfile that is killed and started again."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self._command = ["sh", "-c", f"exec {procfile_line(name)}"]
        self._environment = environment
        self._log = folder / f"{name}.log"
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        started = processes.started(self._command, self._environment, self._log)
        self._process = self._stack.enter_context(started)

    def kill(self) -> None:
        """Kill it and all that it has started, at once."""
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=processes.STOP_SECONDS)
        self._stack.close()

    def stop(self) -> None:
        """End it in order."""
        self._stack.close()
