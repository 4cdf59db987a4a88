"""How many people are logged in."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from tara_agent import files
from tara_agent.collectors.protocol import Values

_OF_PEOPLE: Final = "CLASS=user"
_OVER: Final = "STATE=closing"


def count_sessions(run: Path) -> int | None:
    """Return the sessions that logind has; None where there is none.

    Not those of utmp, which more and more systems have given up: Debian 13 would have none.
    """
    folder = run / "systemd/sessions"
    if not folder.is_dir():
        return None
    # Beside each session is a pipe, 1.ref: to read that would wait for ever.
    sessions = (path for path in folder.iterdir() if not path.suffix)
    told = (files.text_of(path).splitlines() for path in sessions)
    return sum(_OF_PEOPLE in lines and _OVER not in lines for lines in told)


class UserCollector:
    """Sessions of people, not of services."""

    name = "users"

    def __init__(self, count: Callable[[], int | None]) -> None:
        """`count` returns the number of sessions; None where nobody counts them."""
        self._count = count

    @classmethod
    def for_linux(cls, run: Path = Path("/run")) -> Self:
        """Return a collector that reads the files of systemd-logind."""
        return cls(lambda: count_sessions(run))

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the count."""
        count = self._count()
        return {} if count is None else {"system_user_session_count": count}
