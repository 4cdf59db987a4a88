"""Writes records: each with one call, so that a killed agent leaves no half of one behind."""

import errno
import os
from contextlib import suppress

from tara_agent.spool.folder import Folder


class Appender:
    """Appends to the open segment, and starts another one when that is full.

    An earlier run's segment is never appended to: its last line may be torn.
    """

    def __init__(self, folder: Folder, *, segment_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._descriptor: int | None = None
        self._is_synced = True
        self.segment: int | None = None
        self._size = 0

    def append(self, number: int, record: bytes) -> int:
        """Write a record; return its segment. Raises OSError; then it was not written."""
        if self._size + len(record) > self._segment_bytes:
            self.close()
        if self.segment is None or self._descriptor is None:
            self._descriptor = self._folder.create(number)
            self.segment = number
        self._write(self._descriptor, record)
        self._size += len(record)
        self._is_synced = False
        return self.segment

    def sync(self) -> None:
        """Bring what was written to the disk. Raises OSError."""
        if self._descriptor is not None and not self._is_synced:
            self._folder.sync(self._descriptor)
            self._is_synced = True

    def close(self) -> None:
        """Sync and close the segment; the next record starts a new one. Raises OSError."""
        try:
            self.sync()
        finally:
            self._let_go()

    def _write(self, descriptor: int, record: bytes) -> None:
        try:
            _write_whole(descriptor, record)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, self._size)
            segment, was_empty = self.segment, self._size == 0
            self._let_go()
            if was_empty and segment is not None:
                self._folder.remove(segment)
            raise

    def _let_go(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
        self._descriptor, self.segment, self._size, self._is_synced = None, None, 0, True


def _write_whole(descriptor: int, record: bytes) -> None:
    """Write `record` with one call. Raises OSError, also where a part of it was written."""
    if os.write(descriptor, record) < len(record):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
