"""How far a long piece of work is: told by who does it, shown on a terminal or to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from django.core.management.base import OutputWrapper

Item = TypeVar("Item")
Tell = Callable[[str, int, int], None]
"""Is told what is being counted, how many of them are done, and how many there are."""

_ERASE_LINE: Final = "\r\x1b[K"


def silent(_what: str, _done: int, _whole: int) -> None:
    """Tell nobody, as the worker does."""


def counted(items: Iterable[Item], what: str, tell: Tell) -> Iterator[Item]:
    """Yield the items, and tell before each how many are done."""
    every = list(items)
    for done, item in enumerate(every):
        tell(what, done, len(every))
        yield item


class TerminalLine:
    """A line that is written anew each time, and is gone at the end; nothing if not a terminal."""

    def __init__(self, out: OutputWrapper) -> None:
        """Write to a command's stdout."""
        self._out = out
        self._shown = ""

    def __enter__(self) -> Tell:
        """Return what is to be told."""
        return self._tell if self._out.isatty() else silent

    def __exit__(self, *_: object) -> None:
        """Leave an empty line for what comes."""
        if self._shown:
            self._out.write(_ERASE_LINE, ending="")

    def _tell(self, what: str, done: int, whole: int) -> None:
        text = f"{what} {done + 1:,} of {whole:,} ({100 * done // whole} %)"
        if text != self._shown:
            self._shown = text
            self._out.write(f"{_ERASE_LINE}{text}", ending="")
            self._out.flush()
