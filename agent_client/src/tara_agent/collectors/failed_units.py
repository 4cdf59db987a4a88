"""Units of systemd that have failed: the one thing that the agent runs another program for.

The program and its arguments are constants. It is run with an empty environment, so that the token
stays here, and only where systemd is what started the machine. Nobody waits for it: what it said is
read with a later sample, and it is ended if it takes too long.
"""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from tara_agent.collectors.protocol import Values

COMMAND: Final = (
    "/usr/bin/systemctl",
    "list-units",
    "--state=failed",
    "--plain",
    "--no-legend",
    "--no-pager",
)
_EVERY_SECONDS: Final = 300.0
_TAKES_AT_MOST_SECONDS: Final = 30.0
_NAMED_AT_MOST: Final = 20

Listing = subprocess.Popen[bytes]


def list_failed_units(command: Sequence[str] = COMMAND) -> Listing:
    """Start the program. Raises OSError."""
    return subprocess.Popen(  # noqa: S603  (nothing in it comes from anywhere else)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={},
        cwd="/",
    )


class FailedUnitCollector:
    """How many units have failed, and the names of the first twenty."""

    name = "systemd"

    def __init__(self, start: Callable[[], Listing] = list_failed_units) -> None:
        """`start` begins a listing."""
        self._start = start
        self._listing: Listing | None = None
        self._started_at = float("-inf")
        self._values: Values = {}

    @classmethod
    def where_installed(cls, program: Path = Path(COMMAND[0])) -> Self | None:
        """Return a collector; None where there is no systemctl to ask."""
        return cls() if program.is_file() else None

    def collect(self, now: float) -> Values:
        """Return what the last listing said. Raises OSError where none can be made."""
        if self._listing is not None:
            self._read(now)
        elif now - self._started_at >= _EVERY_SECONDS:
            self._started_at = now
            self._values = {}
            self._listing = self._start()
        return self._values

    def _read(self, now: float) -> None:
        """Take the listing's answer if there is one, and give it up if it is late."""
        listing = self._listing
        assert listing is not None  # noqa: S101  (the caller has looked)
        if listing.poll() is None:
            if now - self._started_at < _TAKES_AT_MOST_SECONDS:
                return
            listing.kill()
            listing.wait()
        self._listing = None
        output = _said(listing)
        self._values = _counted(output) if listing.returncode == 0 else {}


def _said(listing: Listing) -> bytes:
    """Return what is in the pipe, and close it: a child that still holds it is not waited for."""
    if listing.stdout is None:
        return b""
    with listing.stdout as pipe:
        os.set_blocking(pipe.fileno(), False)
        return pipe.read() or b""


def _counted(output: bytes) -> Values:
    """Return the figures of a listing, whose lines begin with a unit's name."""
    lines = (line.split(None, 1) for line in output.decode(errors="replace").splitlines())
    units = [words[0] for words in lines if words]
    values: Values = {"system_failed_unit_count": len(units)}
    if units:
        values["system_failed_unit"] = dict.fromkeys(units[:_NAMED_AT_MOST], 1.0)
    return values
