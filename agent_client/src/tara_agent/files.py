"""Reading files of the kernel, as fast as Python can. Nothing here can write.

`Path.read_bytes` takes twice as long for a file of /proc: 4.7 µs against 2.3, some thirty times a
sample and once for each process.
"""

import os
from typing import Final

_CHUNK_BYTES: Final = 64 * 1024
_READ_ONLY: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # nobody gets to hang us on a pipe
    | getattr(os, "O_BINARY", 0)
)


def read(path: str | os.PathLike[str]) -> bytes:
    """Return the whole file. Raises OSError."""
    descriptor = os.open(path, _READ_ONLY)
    try:
        content = chunk = os.read(descriptor, _CHUNK_BYTES)
        while chunk:  # a file of /proc may come in pieces however large the buffer is
            chunk = os.read(descriptor, _CHUNK_BYTES)
            content += chunk
        return content
    finally:
        os.close(descriptor)


def text_of(path: str | os.PathLike[str]) -> str:
    """Return a small file's text without outer spaces; empty where it cannot be read."""
    try:
        return read(path).decode(errors="replace").strip()
    except OSError:
        return ""
