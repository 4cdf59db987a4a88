"""A disk whose fsync takes 5 ms longer: a small library preloaded into the server."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("slow_fsync.c")
MILLISECONDS = 5


@contextmanager
def slow_fsync(milliseconds: int = MILLISECONDS) -> Iterator[dict[str, str]]:
    """Compile the library and return the variables that load it. Raises FileNotFoundError."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("--slow-fsync needs gcc to compile benchmarks/slow_fsync.c.")
    with tempfile.TemporaryDirectory(prefix="slow-fsync-") as folder:
        library = Path(folder) / "slow_fsync.so"
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        yield {"LD_PRELOAD": str(library), "SLOW_FSYNC_MILLISECONDS": str(milliseconds)}
