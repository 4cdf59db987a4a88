"""The spool's folder: segments named for the number of their first record, and the cursor."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from tara_agent.spool import lock

Sync = Callable[[int], None]

_BAD_KEPT: Final = 2
_BAD_BYTES: Final = 5 * 2**20
_REJECTED_KEPT: Final = 5
_REJECTED_BYTES: Final = 2**20


class Space(NamedTuple):
    """What the file system of the folder has."""

    total_bytes: int
    free_bytes: int


def space_at(path: Path) -> Space | None:
    """Return the space of the file system at `path`, where the system tells."""
    if not hasattr(os, "statvfs"):
        return None
    stat = os.statvfs(path)
    return Space(stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize)


class Folder:
    """Files of the spool. Nothing is made before the first sample has to be kept."""

    def __init__(self, path: Path, *, sync: Sync = os.fsync) -> None:
        """`sync` brings what was written to a descriptor to the disk, as os.fsync does."""
        self.path = path
        self.sync = sync
        self._lock: int | None = None

    def claim(self) -> None:
        """Make the folder and lock it, unless that is done. Raises OSError."""
        # Each time, because somebody may have tidied up; it costs 2 µs.
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = lock.take(self.path)

    def release(self) -> None:
        """Let another agent have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def segments(self) -> list[int]:
        """Return the first numbers of the segments, in order."""
        try:
            names = os.listdir(self.path)  # noqa: PTH208  (names are all that is needed)
        except OSError:
            return []
        stems = (name.removesuffix(".seg") for name in names if name.endswith(".seg"))
        return sorted(int(stem) for stem in stems if stem.isascii() and stem.isdecimal())

    def segment(self, first: int) -> Path:
        """Return the path of a segment."""
        return self.path / f"{first:016d}.seg"

    def size(self, first: int) -> int:
        """Return a segment's bytes; 0 if it is gone."""
        try:
            return self.segment(first).stat().st_size
        except OSError:
            return 0

    def lines(self, first: int, offset: int = 0) -> BinaryIO:
        """Return a segment, opened to be read from `offset` on. Raises OSError."""
        lines = self.segment(first).open("rb")
        lines.seek(offset)
        return lines

    def create(self, first: int) -> int:
        """Return a descriptor that appends to a new segment. Raises OSError."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        descriptor = os.open(self.segment(first), flags, 0o600)
        self._sync_names()
        return descriptor

    def remove(self, first: int) -> None:
        """Delete a segment; one that cannot be deleted costs disk, not samples."""
        with suppress(OSError):
            self.segment(first).unlink()

    def set_aside(self, first: int) -> None:
        """Rename a segment that cannot be read, and keep the last two of its kind."""
        path = self.segment(first)
        with suppress(OSError):
            path.rename(path.with_suffix(".bad"))
        self._bound("*.bad", count=_BAD_KEPT, size=_BAD_BYTES)

    def keep_rejected(self, number: int, body: bytes) -> None:
        """Keep what the server could not read, for whoever looks into it. Raises OSError."""
        self.claim()
        folder = self.path / "rejected"
        folder.mkdir(mode=0o700, exist_ok=True)
        replace(folder / f"{number:016d}.json", body)
        self._bound("rejected/*.json", count=_REJECTED_KEPT, size=_REJECTED_BYTES)

    def read_cursor(self) -> bytes:
        """Return what the cursor holds; nothing if there is none."""
        try:
            return (self.path / "cursor").read_bytes()
        except OSError:
            return b""

    def write_cursor(self, content: bytes) -> None:
        """Replace the cursor. One that could not be written only means samples sent twice."""
        with suppress(OSError):
            replace(self.path / "cursor", content)

    def remove_cursor(self) -> None:
        """Delete the cursor."""
        with suppress(OSError):
            (self.path / "cursor").unlink()

    def sync_segment(self, first: int) -> None:
        """Bring a segment to the disk that another process wrote."""
        with suppress(OSError):
            descriptor = os.open(self.segment(first), os.O_RDWR)
            try:
                self.sync(descriptor)
            finally:
                os.close(descriptor)

    def _sync_names(self) -> None:
        """Bring the folder itself to the disk, or a new segment may be gone after a power cut."""
        if os.name == "nt":
            return
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def _bound(self, pattern: str, *, count: int, size: int) -> None:
        """Delete all but the newest `count` files, fewer if they are more than `size` bytes."""
        with suppress(OSError):
            for path in sorted(self.path.glob(pattern), reverse=True):
                count, size = count - 1, size - path.stat().st_size
                if count < 0 or size < 0:
                    path.unlink()


def replace(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the new one. Raises OSError."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
    new.replace(path)
