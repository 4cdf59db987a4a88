"""Sifting: which samples of a body are stored, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.wire import Block

LookUp = Callable[[int, int], set[int]]
"""Returns the times of the agent's stored samples from one time to another, in ms."""


@dataclass(frozen=True, slots=True)
class Window:
    """The times that are taken, in ms, both ends included."""

    oldest_ms: int
    newest_ms: int


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is new of a body, in order of time, how much is stored already, and what is refused.

    `rejected` are samples outside the window, as (index, code).
    """

    blocks: Sequence[Block]
    duplicate: int
    rejected: list[tuple[int, str]]


def sift(
    blocks: Sequence[Block], window: Window, *, stored_until_ms: int, look_up: LookUp
) -> Sifted:
    """Return what is new in `blocks`, each time once.

    Nothing is looked up where every sample is newer than all that the agent ever sent, which is
    every live request and every backlog that comes in order.
    """
    if len(blocks) == 1 and _is_all_new(blocks[0], window, stored_until_ms):
        return Sifted(blocks, 0, [])
    rejected: list[tuple[int, str]] = []
    inside: list[tuple[int, int, int, int]] = []
    for number, block in enumerate(blocks):
        for row, (time_ms, index) in enumerate(zip(block.times_ms, block.indexes, strict=True)):
            if time_ms > window.newest_ms:
                rejected.append((index, "future"))
            elif time_ms < window.oldest_ms:
                rejected.append((index, "too_old"))
            else:
                inside.append((time_ms, index, number, row))
    wanted = _new(sorted(inside), stored_until_ms, look_up)
    kept = [blocks[number].rows(rows) for number, rows in wanted.items()]
    count = sum(len(block.times_ms) for block in kept)
    return Sifted(kept, len(inside) - count, rejected)


def _is_all_new(block: Block, window: Window, stored_until_ms: int) -> bool:
    times = block.times_ms
    return (
        times[0] > stored_until_ms
        and times[0] >= window.oldest_ms
        and times[-1] <= window.newest_ms
        and all(before < after for before, after in pairwise(times))
    )


def _new(
    samples: Sequence[tuple[int, int, int, int]], stored_until_ms: int, look_up: LookUp
) -> dict[int, list[int]]:
    """Return by block the rows that are not stored yet, the first of two of one time."""
    seen: set[int] = set()
    if samples and samples[0][0] <= stored_until_ms:
        seen = look_up(samples[0][0], samples[-1][0])
    wanted: dict[int, list[int]] = {}
    for time_ms, _, number, row in samples:
        if time_ms not in seen:
            seen.add(time_ms)
            wanted.setdefault(number, []).append(row)
    return wanted
