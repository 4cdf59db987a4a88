"""Processes under load: started on free loopback ports, measured, ended by pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Running:
    """A process with its children. `port` is where it listens, 0 if it does not."""

    port: int
    process: psutil.Process

    def tree(self) -> list[psutil.Process]:
        """Return the process and all below it."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Return the CPU time of the tree so far, user and system."""
        times = [process.cpu_times() for process in self.tree()]
        return sum(each.user + each.system for each in times)

    def pss_bytes(self) -> int:
        """Return the memory of the tree, shared pages divided among those who share them."""
        return sum(process.memory_full_info().pss for process in self.tree())


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], *, port: int = 0
) -> Iterator[Running]:
    """Start a process group in the root of the repository; end all of it on leaving."""
    # Else a benchmark that is told to end would leave its server behind.
    signal.signal(signal.SIGTERM, _leave)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        if port:
            wait_for(port, process)
        yield Running(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=STOP_SECONDS)


def _leave(number: int, frame: object) -> NoReturn:  # noqa: ARG001  (as signal wants it)
    raise SystemExit(128 + number)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once something listens. Raises RuntimeError if the process ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}.")


def size_on_disk(path: Path) -> int:
    """Return the bytes that a file, or all files below a folder, take on the disk."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(file.stat().st_blocks * 512 for file in files)
