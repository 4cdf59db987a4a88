"""VictoriaMetrics beside us, on the same samples, where it is installed.

Samples go in by the door that was cheapest for it: Influx line protocol with 1 sample a request
(15,800 requests/s by its JSON import, 19,800 by this), its JSON import with 60 (1,160 requests/s,
against 980), where naming each series once in full pays.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Running, free_port, size_on_disk, started

NAME = "VictoriaMetrics"
MISSING = (
    "VictoriaMetrics is not installed, so nothing stands beside our figures "
    "(Debian's package is victoria-metrics)."
)
STORED = b" 204 "
_COMMANDS = ("victoria-metrics", "victoria-metrics-prod")
_MERGES = "vm_active_merges"
_SETTLED_AFTER = 8
"""Half seconds without a merge or a change; the files that a merge replaced go a little later."""


@dataclass(frozen=True, slots=True)
class Victoria:
    """A running VictoriaMetrics and where its data is."""

    running: Running
    folder: Path

    def settle(self) -> None:
        """Write all that is in memory into files, merge them, and wait until the size stays."""
        self._get("/internal/force_flush")
        self._get("/internal/force_merge")
        sizes: list[int] = []
        while len(sizes) < _SETTLED_AFTER or len(set(sizes[-_SETTLED_AFTER:])) > 1:
            time.sleep(0.5)
            is_merging = any(map(_is_merge, self._get("/metrics").splitlines()))
            sizes = [] if is_merging else [*sizes, self.size()]

    def size(self) -> int:
        """Return the bytes of its data and indexes; its caches are left out."""
        parts = [self.folder / name for name in ("data", "indexdb")]
        return sum(size_on_disk(part) for part in parts if part.exists())

    def _get(self, path: str) -> str:
        address = f"http://127.0.0.1:{self.running.port}{path}"
        with urllib.request.urlopen(address, timeout=300) as answer:
            return str(answer.read().decode())


def command() -> str | None:
    """Return the program, None where it is not installed."""
    return next(filter(None, map(shutil.which, _COMMANDS)), None)


@contextmanager
def running() -> Iterator[Victoria]:
    """Run it on a free port with data of its own that goes away. It must be installed."""
    program = command()
    if program is None:
        raise FileNotFoundError(MISSING)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="victoria-bench-") as folder:
        options = [
            f"-storageDataPath={folder}",
            f"-httpListenAddr=127.0.0.1:{port}",
            "-retentionPeriod=2y",
            "-loggerLevel=ERROR",
        ]
        with started([program, *options], dict(os.environ), port=port) as process:
            yield Victoria(process, Path(folder))


def _is_merge(line: str) -> bool:
    return line.startswith(_MERGES) and not line.endswith(" 0")
