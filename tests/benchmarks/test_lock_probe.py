"""The probe of SQLite's write lock: it sees a long transaction, and no other."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.lock_probe import probing


def write_for(database: Path, seconds: float) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("COMMIT")


class TestProbing:
    def test_sees_how_long_the_lock_was_held(self, tmp_path):
        database = tmp_path / "some.sqlite3"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")

        with probing(database) as waits:
            time.sleep(0.05)
            free_ms = waits.longest_ms
            write_for(database, 0.3)
            time.sleep(0.1)

        assert free_ms < 250
        assert 280 < waits.longest_ms < 900
