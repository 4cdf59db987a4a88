"""Values that serve everybody for some seconds: what many pages ask for is made once."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class _Entry(Generic[Value]):
    """One value, and when it is too old. Its lock is held while it is made."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: Value | None = None
        self.until = 0.0


class Brief(Generic[Value]):
    """At most `at_most` values, each as good as new for `seconds`.

    Kept as they are, which Django's cache does not: it would pickle thousands of lines each time.
    """

    def __init__(self, *, seconds: float, at_most: int) -> None:
        """Start empty."""
        self._seconds = seconds
        self._at_most = at_most
        self._lock = Lock()
        self._entries: dict[Hashable, _Entry[Value]] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of `key`; one thread makes it, those who ask meanwhile wait for it."""
        entry = self._entry(key)
        with entry.lock:
            if entry.value is None or time.monotonic() >= entry.until:
                entry.value = make()
                entry.until = time.monotonic() + self._seconds
            return entry.value

    def forget(self) -> None:
        """Empty it."""
        with self._lock:
            self._entries.clear()

    def _entry(self, key: Hashable) -> _Entry[Value]:
        with self._lock:
            entry = self._entries.pop(key, None) or _Entry()
            self._entries[key] = entry  # asked for last, forgotten last
            while len(self._entries) > self._at_most:
                del self._entries[next(iter(self._entries))]
            return entry
