"""Numbers of one's own: *.prom files of a folder, in Prometheus text format, as custom metrics."""

import logging
import math
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tara_agent import files
from tara_agent.collectors.exposition import BadLine, Line, parse_line
from tara_agent.collectors.protocol import Values

FILES_MAXIMUM: Final = 100
FILE_BYTES_MAXIMUM: Final = 256 * 1024
SERIES_MAXIMUM: Final = 400
STALE_SECONDS: Final = 25 * 3600.0
"""A file that is older is left out: what a daily script wrote counts until the next has run."""

logger = logging.getLogger(__name__)


class Version(NamedTuple):
    """What tells that a file has changed, and how old it is."""

    modified_at: float
    size: int
    inode: int


class TextfileCollector:
    """Reads each file when it has changed, and sends what it holds with every sample."""

    name = "textfiles"

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time) -> None:
        """`wall` is the clock that files are dated by."""
        self._folder = str(folder)
        self._wall = wall
        self._read: dict[str, tuple[Version, list[Line]]] = {}
        self._complaints: dict[str, str] = {}

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the values of all files. What is wrong with one is logged, once."""
        complaints: dict[str, str] = {}
        self._read = dict(self._current(complaints))
        values = _gathered(self._read, complaints)
        for path, complaint in complaints.items():
            if self._complaints.get(path) != complaint:
                logger.warning("%s %s", path, complaint)
        self._complaints = complaints
        return values

    def _current(
        self, complaints: dict[str, str]
    ) -> Iterator[tuple[str, tuple[Version, list[Line]]]]:
        """Yield the files that count, by path; a file that has not changed is not read again."""
        for path, version in self._versions(complaints):
            known = self._read.get(path)
            if known and known[0] == version:
                yield path, known
                if path in self._complaints:
                    complaints[path] = self._complaints[path]
                continue
            try:
                yield path, (version, _lines(path, complaints))
            except OSError as error:
                complaints[path] = f"cannot be read ({error.strerror}); it is left out"

    def _versions(self, complaints: dict[str, str]) -> Iterator[tuple[str, Version]]:
        try:
            names = sorted(name for name in os.listdir(self._folder) if name.endswith(".prom"))  # noqa: PTH208
        except OSError as error:
            complaints[self._folder] = f"cannot be read ({error.strerror}): it has no metrics"
            return
        if len(names) > FILES_MAXIMUM:
            complaints[self._folder] = (
                f"holds more than {FILES_MAXIMUM} files; the rest is left out"
            )
        for name in names[:FILES_MAXIMUM]:
            path = f"{self._folder}/{name}"
            try:
                found = os.stat(path)  # noqa: PTH116
            except OSError:
                continue  # gone since it was listed
            version = Version(found.st_mtime, found.st_size, found.st_ino)
            reason = self._reason_to_leave_out(found.st_mode, version)
            if reason:
                complaints[path] = reason
            else:
                yield path, version

    def _reason_to_leave_out(self, mode: int, version: Version) -> str:
        if not stat.S_ISREG(mode):
            return "is no file; it is left out"
        if version.size > FILE_BYTES_MAXIMUM:
            return f"is larger than {FILE_BYTES_MAXIMUM} bytes; it is left out"
        if self._wall() - version.modified_at > STALE_SECONDS:
            return "has not been written for 25 hours; it is left out until it is"
        return ""


def _lines(path: str, complaints: dict[str, str]) -> list[Line]:
    """Return the values of a file, without its bad lines; the first of those is complained of."""
    lines = []
    text = files.read(path)[:FILE_BYTES_MAXIMUM].decode(errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            parsed = parse_line(line)
        except BadLine as error:
            complaints.setdefault(path, f"line {number} {error}; it is left out")
            continue
        if parsed is not None and math.isfinite(parsed.value):
            lines.append(parsed)
    return lines


def _gathered(read: dict[str, tuple[Version, list[Line]]], complaints: dict[str, str]) -> Values:
    """Return the values of all files together: each series once, and no more than fit."""
    gathered: dict[str, dict[str, float]] = {}
    count = 0
    for path, (_, lines) in read.items():
        for metric, instance, value in lines:
            known = gathered.get(metric, {})
            if instance in known:
                complaints.setdefault(path, f"tells {metric} {instance} again; the first counts")
            elif known and ("" in known or not instance):
                complaints.setdefault(
                    path, f"tells {metric} with labels and without; the first counts"
                )
            elif count >= SERIES_MAXIMUM:
                complaints.setdefault(
                    path, f"goes beyond {SERIES_MAXIMUM} values; the rest is left out"
                )
            else:
                gathered.setdefault(metric, {})[instance] = value
                count += 1
    return {metric: instances.get("", {**instances}) for metric, instances in gathered.items()}
