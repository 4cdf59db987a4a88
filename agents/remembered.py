"""What this process has read in the database and may believe until somebody else writes to it.

An ingest request needs the same rows every time: its token, its agent, its agent's state. A group
of requests asks SQLite once whether anyone else has written since this process did, which costs
two microseconds, and where nobody has, all that is remembered still stands. It asks within its
write transaction, so nobody can write after the question: a token that was revoked a moment ago is
refused, just as if it were looked up.

A database that cannot answer that question is never believed, only read.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from django.db import connection

ROWS_AT_MOST: Final = 20_000
"""Of each kind: twice the largest fleet that one server is meant for."""


class _Seen(NamedTuple):
    """How the database was when this process had last written to it.

    `data_version` changes when any other connection commits, `total_changes` when this one writes.
    """

    raw: sqlite3.Connection
    data_version: int
    total_changes: int


class Rows(dict[Any, Any]):
    """Remembered rows of one kind, by key."""

    def keep(self, key: object, row: object) -> None:
        """Remember a row; where there are too many, forget the others first."""
        if len(self) >= ROWS_AT_MOST and key not in self:
            self.clear()
        self[key] = row


_kinds: list[Rows] = []
_seen: _Seen | None = None
_believer: int | None = None


def rows() -> Rows:
    """Return a new, empty kind of rows, for a module to keep."""
    kind = Rows()
    _kinds.append(kind)
    return kind


def is_believed() -> bool:
    """True where this thread is within `believing`, and remembered rows may be used."""
    return _believer == threading.get_ident()


def forget() -> None:
    """Remember nothing any more: what was remembered may have been undone."""
    global _seen  # noqa: PLW0603  (one memory a process is what this module is)
    _seen = None
    for kind in _kinds:
        kind.clear()


@contextmanager
def believing() -> Iterator[None]:
    """Let remembered rows be used, forgotten first if they may be out of date.

    Enter it within a write transaction that locks the database, one thread at a time, and leave it
    before the commit. An exception forgets everything.
    """
    global _seen, _believer  # noqa: PLW0603
    seen = _look()
    if seen is None or seen != _seen:
        forget()
    _believer = threading.get_ident()
    try:
        yield
    except BaseException:
        forget()
        raise
    finally:
        _believer = None
    _seen = seen and seen._replace(total_changes=seen.raw.total_changes)


def _look() -> _Seen | None:
    """Return how the database is now; None where it does not tell."""
    if connection.vendor != "sqlite":
        return None
    raw: sqlite3.Connection = connection.connection
    return _Seen(raw, raw.execute("PRAGMA data_version").fetchone()[0], raw.total_changes)
