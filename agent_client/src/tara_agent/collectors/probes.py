"""Calls that may hang, such as asking a dead NFS server, so made that nothing waits long."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Probe(threading.Thread, Generic[T]):
    """One call in a disposable thread. A call that sleeps in the kernel cannot be ended."""

    def __init__(self, call: Callable[[str], T], path: str) -> None:
        super().__init__(name=f"probe {path}", daemon=True)
        self._call = call
        self._path = path
        self.result: T | None = None

    def run(self) -> None:
        """Keep the answer; an error is no answer."""
        try:
            self.result = self._call(self._path)
        except OSError:
            self.result = None


class Probes(Generic[T]):
    """Asks many paths at once, each with at most one probe outstanding, however long that takes."""

    def __init__(self, call: Callable[[str], T], *, deadline_seconds: float = 2.0) -> None:
        """`deadline_seconds` is what all the paths of one `ask` together may take."""
        self._call = call
        self._deadline_seconds = deadline_seconds
        self._outstanding: dict[str, Probe[T]] = {}
        self._silent: set[str] = set()

    def ask(self, paths: Sequence[str]) -> dict[str, T]:
        """Return the answers that came in time, by path."""
        self._outstanding = {
            path: probe for path, probe in self._outstanding.items() if probe.is_alive()
        }
        started = {path: Probe(self._call, path) for path in paths if path not in self._outstanding}
        for probe in started.values():
            probe.start()
        deadline = time.monotonic() + self._deadline_seconds
        for path, probe in started.items():
            probe.join(max(0.0, deadline - time.monotonic()))
            self._note(path, probe)
        return {path: probe.result for path, probe in started.items() if probe.result is not None}

    def _note(self, path: str, probe: Probe[T]) -> None:
        """Remember a probe that is late; say so once until the path answers in time again."""
        if not probe.is_alive():
            self._silent.discard(path)
            return
        self._outstanding[path] = probe
        if path not in self._silent:
            self._silent.add(path)
            logger.warning("mount %s does not answer; it is left out until it does", path)
