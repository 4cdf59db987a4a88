"""How many people are logged in."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import psutil

from tara_agent import files
from tara_agent.collectors.protocol import Values

_OF_PEOPLE: Final = "CLASS=user"
_OVER: Final = "STATE=closing"


def count_with_psutil() -> int:
    """Return the sessions that the system keeps a record of."""
    return len(psutil.users())


def count_sessions(run: Path) -> int:
    """Return the sessions that systemd-logind has, else those of utmp.

    Systems that have given utmp up, as Debian 13 has, would otherwise always count none.
    """
    folder = run / "systemd/sessions"
    if not folder.is_dir():
        return count_with_psutil()
    # Beside each session is a pipe, 1.ref: to read that would wait for ever.
    sessions = (path for path in folder.iterdir() if not path.suffix)
    told = (files.text_of(path).splitlines() for path in sessions)
    return sum(_OF_PEOPLE in lines and _OVER not in lines for lines in told)


class UserCollector:
    """Sessions of people, not of services."""

    name = "users"

    def __init__(self, count: Callable[[], int] = count_with_psutil) -> None:
        """`count` returns the number of sessions."""
        self._count = count

    @classmethod
    def for_linux(cls, run: Path = Path("/run")) -> Self:
        """Return a collector that reads the files of systemd-logind."""
        return cls(lambda: count_sessions(run))

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the count."""
        return {"system_user_session_count": self._count()}
