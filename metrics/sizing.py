"""How large the database will be, by what each tier gains a day and how long that is kept.

Plain arithmetic. Where the numbers come from is the business of metrics.storage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

YEAR_DAYS: Final = 365
FILE_SHARE: Final = 1.07
"""The file by the bytes of its chunks: indexes and spare pages, as benchmarks.history measures."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One tier: what it gains, how long that is kept (0 for ever), what it holds and since when."""

    bytes_per_day: float
    keep_days: int
    held_bytes: int
    held_days: float

    def bytes_after(self, days: float) -> float:
        """Return what it holds in `days` from now: what came until then and is not outlived yet."""
        if not self.keep_days:
            return self.held_bytes + self.bytes_per_day * days
        fresh = self.bytes_per_day * min(days, self.keep_days)
        if self.held_days <= 0:
            return fresh
        # What is held came evenly, and its oldest goes first.
        left_days = min(self.held_days, max(0.0, self.keep_days - days))
        return fresh + self.held_bytes * left_days / self.held_days


def file_bytes_after(days: float, *, flows: Iterable[Flow], hot_bytes: int) -> int:
    """Return how large the database's file will be `days` from now; the hot log stays as it is."""
    return round((sum(flow.bytes_after(days) for flow in flows) + hot_bytes) * FILE_SHARE)
