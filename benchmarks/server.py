"""A real server on a free loopback port with a data folder of its own, for a benchmark to load."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its processes and the tokens of its agents."""

    port: int
    process: psutil.Process
    tokens: Sequence[str]

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server's processes so far, user and system."""
        tree = [self.process, *self.process.children(recursive=True)]
        times = [process.cpu_times() for process in tree]
        return sum(each.user + each.system for each in times)

    def pss_bytes(self) -> int:
        """Return the memory of the server's processes, shared pages divided among them."""
        tree = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in tree)


@contextmanager
def running(
    *, agents: int, threads: int, workers: int = 1, synchronous: str = "FULL"
) -> Iterator[Server]:
    """Start a server with `agents` agents; stop it and remove its data at the end."""
    with tempfile.TemporaryDirectory(prefix="tarasysdash-bench-") as folder:
        environment = {
            **os.environ,
            "TARA_DATA_DIR": folder,
            "TARA_SQLITE_SYNCHRONOUS": synchronous,
            "TARA_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "tarasysdash.settings",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        tokens = _tokens(agents, environment)
        port = _free_port()
        process = subprocess.Popen(_command(port, workers, threads), cwd=ROOT, env=environment)
        try:
            _wait(port)
            yield Server(port=port, process=psutil.Process(process.pid), tokens=tokens)
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _command(port: int, workers: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "--lifespan", "off", "--no-access-log"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)),
        *("--log-level", "warning"),
        "tarasysdash.asgi:application",
    ]


def _tokens(count: int, environment: dict[str, str]) -> list[str]:
    """Make `count` agents in one process and return their tokens."""
    program = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from agents import provisioning, tokens\n"
        f"for number in range({count}):\n"
        "    agent, _ = provisioning.ensure_agent(f'bench-{number}')\n"
        "    print(tokens.issue(agent, now=timezone.now()).plain)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.split()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"No server on port {port} after {START_SECONDS} s.")
