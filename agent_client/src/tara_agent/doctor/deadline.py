"""Calls that may hang, such as asking for a name's address, given up in time."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises; TimeoutError if it takes longer.

    A call that hangs goes on in a thread that nobody waits for, and ends with the process.
    """
    value: T = begin(call).result(seconds)
    return value


class Underway(threading.Thread):
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(name="doctor", daemon=True)
        self._call = call
        self._value: Any = None
        self._error: Exception | None = None

    def run(self) -> None:
        """Keep what comes out, an exception too."""
        try:
            self._value = self._call()
        except Exception as error:  # noqa: BLE001  (raised again in the thread that waits)
            self._error = error

    def result(self, seconds: float) -> Any:
        """Return what came out, or raise it; TimeoutError if nothing has within `seconds`."""
        self.join(max(0.0, seconds))
        if self.is_alive():
            raise TimeoutError(f"no answer within {seconds:.0f} s")
        if self._error is not None:
            raise self._error
        return self._value


def begin(call: Callable[[], Any]) -> Underway:
    """Start a call whose outcome is asked for later."""
    underway = Underway(call)
    underway.start()
    return underway
