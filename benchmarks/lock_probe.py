"""How long writers wait: asks SQLite for its write lock every millisecond.

The longest wait is that of the longest write transaction, or of several that followed each other
without a millisecond between them: never less than the truth, but for the millisecond.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PAUSE_SECONDS = 0.001


@dataclass(slots=True)
class Waits:
    """What the probe has seen so far."""

    longest_ms: float = 0.0
    tries: int = 0


@contextmanager
def probing(database: Path) -> Iterator[Waits]:
    """Probe in a thread of its own until the block ends."""
    waits, over = Waits(), threading.Event()
    thread = threading.Thread(target=_probe, args=(database, waits, over), daemon=True)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def _probe(database: Path, waits: Waits, over: threading.Event) -> None:
    connection = sqlite3.connect(database, timeout=0, isolation_level=None)
    since = time.perf_counter()
    while not over.is_set():
        got = _take_and_leave(connection)
        now = time.perf_counter()
        waits.tries += 1
        waits.longest_ms = max(waits.longest_ms, (now - since) * 1000)
        time.sleep(_PAUSE_SECONDS)
        if got:
            since = time.perf_counter()
    connection.close()


def _take_and_leave(connection: sqlite3.Connection) -> bool:
    """Take the write lock and give it back; False if somebody else has it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    connection.execute("ROLLBACK")
    return True
