"""Mirrors: columns that say what another says already, up to a constant.

Used and free space add up to the size of the disk, and what the loopback interface sends it
receives. On the samples of a real machine 7 of 44 columns that change are such, and they are a
fifth of all bytes; to find them costs a hundredth of what compressing them would.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int32] | npt.NDArray[np.int64]

_PROBES: Final = 64
_EXACT: Final = 2**53
"""An offset is stored as a float64, which holds integers up to this."""


class Mirror(NamedTuple):
    """A column is `sign` times the column at place `of`, plus `offset`."""

    of: int
    sign: int
    offset: int

    def of_original(self, original: Integers) -> npt.NDArray[np.int64]:
        """Return the column, given the one it mirrors."""
        return original.astype(np.int64) * self.sign + self.offset


class Originals:
    """The columns so far, found again by how they move."""

    def __init__(self) -> None:
        """Start without any."""
        self._by_move: dict[bytes, list[tuple[int, Integers]]] = defaultdict(list)

    def mirror_of(self, column: Integers, place: int, *, held: bytes) -> Mirror | None:
        """Return which column before this one it mirrors; None makes it an original itself.

        `held` tells which samples have the series: columns of different samples cannot be compared.
        """
        move = _move(column)
        if move is None:
            return None
        alike = self._by_move[move + held]
        for of, original in alike:
            mirror = _compared(column, original, of)
            if mirror is not None:
                return mirror
        alike.append((place, column))
        return None


def _move(column: Integers) -> bytes | None:
    """Return how a column moves at some places, the same for its mirrors; None if it rests there.

    A column that hardly ever moves is small without being found.
    """
    probed = column[_places(len(column))].astype(np.int64)
    moves = probed - probed[0]
    moved = moves[moves != 0]
    if not len(moved):
        return None
    move: bytes = (moves * np.sign(moved[0])).tobytes()
    return move


@lru_cache(maxsize=64)
def _places(count: int) -> npt.NDArray[np.int64]:
    return np.linspace(0, count - 1, _PROBES).astype(np.int64)


def _compared(column: Integers, original: Integers, of: int) -> Mirror | None:
    if len(column) != len(original):
        return None
    for sign in (1, -1):
        mirror = Mirror(of, sign, int(column[0]) - sign * int(original[0]))
        is_exact = abs(mirror.offset) <= _EXACT
        if is_exact and (mirror.of_original(original) == column).all():
            return mirror
    return None
