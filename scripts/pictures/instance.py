"""A server of our own on a data folder of its own: prepared, filled, served."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PEOPLE: Final = {"admin": "only-for-the-pictures", "viewer": "only-for-the-pictures"}
START_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Instance:
    """The product with its data in `folder`."""

    folder: Path

    @property
    def tokens_file(self) -> Path:
        """Where the agents' tokens stand, once there are agents."""
        return self.folder / "tokens.json"

    def prepare(self) -> None:
        """Make the database and collect the static files."""
        self._manage("migrate", "-v0")
        self._manage("collectstatic", "--noinput", "-v0")

    def add_people(self) -> None:
        """Make who may do everything, and who may look."""
        self._shell(f"from scripts.pictures import seed; seed.add_people({PEOPLE!r})")

    def fill(self) -> None:
        """Store the made-up fleet."""
        self._shell(
            "from pathlib import Path; from scripts.pictures import seed;"
            f"seed.fill(Path({str(self.tokens_file)!r}))"
        )

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it on a free loopback port, with its worker; give its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        commands = (_web(port), [sys.executable, "-m", "tarasysdash.worker"])
        started = [self._start(command) for command in commands]
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=START_SECONDS)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment(), stdout=subprocess.DEVNULL
        )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TARA_DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "tarasysdash.settings",
            "PYTHONPATH": str(ROOT),
        }

    def _manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self._environment(), check=True)

    def _shell(self, code: str) -> None:
        self._manage("shell", "-v0", "-c", code)


def _web(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)),
        *("--lifespan", "off", "--log-level", "warning", "tarasysdash.asgi:application"),
    ]


def _wait_for(port: int) -> None:
    """Return once something listens. Raises TimeoutError."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listened on port {port} within {START_SECONDS} s")
