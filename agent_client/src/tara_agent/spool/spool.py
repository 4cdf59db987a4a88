"""Samples on disk, oldest first: bounded, and readable again whatever happened to the files."""

import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from tara_agent.samples import Sample
from tara_agent.spool import cursor, records
from tara_agent.spool.appender import Appender
from tara_agent.spool.cursor import Cursor
from tara_agent.spool.folder import Folder, Space, space_at
from tara_agent.spool.reader import Reader

_YEAR_SECONDS: Final = 366 * 86400.0


class Limits(NamedTuple):
    """What the spool may take; whichever bound is met first holds."""

    total_bytes: int = 64 * 2**20
    segment_bytes: int = 2**20
    age_seconds: float = 7 * 86400.0
    left_free_bytes: int = 200 * 2**20
    left_free_share: float = 0.05

    def must_stay_free(self, space: Space) -> float:
        """Return the bytes of a file system that are left to others."""
        return max(self.left_free_bytes, space.total_bytes * self.left_free_share)


LIMITS: Final = Limits()


class Spool:
    """A queue of samples in files. For one thread at a time.

    `len()` is exact while no file is damaged. `dropped` counts what was lost, by reason:
    spool_full, too_old, corrupt.
    """

    def __init__(
        self,
        folder: Folder,
        *,
        limits: Limits = LIMITS,
        space: Callable[[Path], Space | None] = space_at,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`space` says what the folder's file system has; `wall` is in Unix seconds."""
        self.dropped: Counter[str] = Counter()
        self._folder = folder
        self._limits = limits
        self._space = space
        self._wall = wall
        self._appender = Appender(folder, segment_bytes=limits.segment_bytes)
        self._reader = Reader(folder, self._wants)
        self._sizes: dict[int, int] = {}  # segment -> bytes, in order
        self._cursor = Cursor()
        self._count = 0
        self._last = 0

    def __len__(self) -> int:
        return self._count

    @property
    def is_empty(self) -> bool:
        """True if there is nothing on disk."""
        return not self._sizes

    def recover(self) -> int:
        """Take over what an earlier run left; return the lowest number for the next sample.

        Raises OSError where the folder cannot be used; SpoolTaken if another agent uses it.
        """
        if not self._folder.path.is_dir():
            return 1
        self._folder.claim()
        self._cursor = cursor.decode(self._folder.read_cursor())
        self._last = self._cursor.next
        for first in self._folder.segments():
            self._sizes[first] = self._folder.size(first)
            self._count += self._survey(first)
        if self._sizes:
            self._folder.sync_segment(max(self._sizes))  # its writer may have been killed
        return self._last + 1

    def append(self, sample: Sample) -> None:
        """Keep a sample, whose number is above all before it. Raises OSError: it is not kept."""
        record = records.encode(sample)
        self._folder.claim()
        self._require_space()
        while self._sizes and sum(self._sizes.values()) + len(record) > self._limits.total_bytes:
            self._drop(next(iter(self._sizes)))
        segment = self._appender.append(sample.number, record)
        self._sizes[segment] = self._sizes.get(segment, 0) + len(record)
        self._count += 1
        self._last = sample.number

    def peek(self, *, count: int, size: int) -> list[Sample]:
        """Return the oldest samples: at most `count`, and `size` bytes, but one at the least."""
        taken: list[Sample] = []
        for sample in self._reader.oldest(list(self._sizes)):
            size -= len(sample.encoded)
            if len(taken) >= count or (size < 0 and taken):
                break
            taken.append(sample)
        self._set_broken_aside()
        if not taken:
            self._clear()
        return taken

    def has(self, number: int) -> bool:
        """True if this sample was kept here and is not done with."""
        return bool(self._sizes) and number <= self._last and not self._cursor.has(number)

    def done(self, numbers: Collection[int]) -> None:
        """Forget samples: they are on the server, or given up. Others are passed over."""
        ours = {number for number in numbers if self.has(number)}
        if not ours:
            return
        self._count = max(0, self._count - len(ours))
        self._cursor = self._cursor.with_done(ours)
        last = self._reader.release(self._cursor.has)
        if last is not None:
            self._cursor = self._cursor.moved_to(last + 1)
        if self.peek(count=1, size=0):
            self._remove_passed()
            self._folder.write_cursor(cursor.encode(self._cursor))

    def sync(self) -> None:
        """Bring all samples to the disk. Raises OSError."""
        self._appender.sync()

    def close(self) -> None:
        """Sync, and let another agent have the folder."""
        with suppress(OSError):
            self._appender.close()
        self._folder.release()

    def reject(self, samples: Collection[Sample]) -> None:
        """Keep a copy of what the server could not read, within bounds, where the disk lets us."""
        first = min(sample.number for sample in samples)
        with suppress(OSError):
            self._folder.keep_rejected(first, b"\n".join(sample.encoded for sample in samples))

    def _wants(self, sample: Sample) -> bool:
        if self._cursor.has(sample.number):
            return False
        age_seconds = self._wall() - sample.time
        # An age of years is a clock that leapt, and no reason to throw samples away.
        if not self._limits.age_seconds < age_seconds < _YEAR_SECONDS:
            return True
        self.dropped["too_old"] += 1
        self._count = max(0, self._count - 1)
        return False

    def _survey(self, first: int) -> int:
        """Return how many records of a segment are not done with, damaged ones included."""
        count, number = 0, first - 1
        try:
            with self._folder.lines(first) as lines:
                for line in lines:
                    sample = records.decode(line)
                    number = sample.number if sample else number + 1
                    count += not self._cursor.has(number)
        except OSError:
            self._reader.broken.add(first)
        self._last = max(self._last, number)
        return count

    def _require_space(self) -> None:
        space = self._space(self._folder.path)
        if space is not None and space.free_bytes < self._limits.must_stay_free(space):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _drop(self, first: int) -> None:
        """Give a whole segment up, to make room."""
        if first == self._appender.segment:
            self._appender.close()
        lost = self._survey(first)
        if lost:
            self.dropped["spool_full"] += lost
        self._count = max(0, self._count - lost)
        self._reader.forget(first)
        self._folder.remove(first)
        del self._sizes[first]

    def _remove_passed(self) -> None:
        for first in [first for first in self._sizes if first < self._reader.first_segment]:
            self._folder.remove(first)
            del self._sizes[first]

    def _set_broken_aside(self) -> None:
        for first in self._reader.broken & self._sizes.keys():
            if first == self._appender.segment:
                with suppress(OSError):
                    self._appender.close()
            self._folder.set_aside(first)
            del self._sizes[first]
        self._reader.broken.clear()

    def _clear(self) -> None:
        """Delete all files: every record was sent, given up, or is damaged."""
        if self._count:
            self.dropped["corrupt"] += self._count
        self._count = 0
        with suppress(OSError):
            self._appender.close()
        for first in self._sizes:
            self._folder.remove(first)
        self._sizes.clear()
        self._folder.remove_cursor()
        self._cursor = Cursor()
        self._reader.forget_all()
