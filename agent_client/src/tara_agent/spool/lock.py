"""A lock on a folder, held until its process ends, however it ends."""

import os
import sys
from pathlib import Path

from tara_agent.errors import SpoolTaken


def take(folder: Path) -> int:
    """Return the descriptor that holds the lock. Raises SpoolTaken, or another OSError."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise SpoolTaken(folder) from error
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
