"""The tiers of history: how long a bucket of each is, what one chunk holds, how long it is kept.

This table is the only place that says so; sealing, queries and retention read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from metrics.models import Tier

DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Shape:
    """One tier. A `bucket_ms` of 0 is samples as they are; chunks are aligned to the epoch."""

    tier: Tier
    bucket_ms: int
    chunk_ms: int
    setting: str

    @property
    def retention_days(self) -> int:
        """How many days it is kept; 0 is for ever."""
        days: int = getattr(settings, self.setting)
        return days

    def chunk_start(self, at_ms: int) -> int:
        """Return the start of the chunk that holds this moment."""
        return at_ms // self.chunk_ms * self.chunk_ms


RAW: Final = Shape(Tier.RAW, 0, DAY_MS, "RETENTION_RAW_DAYS")
FIVE_MINUTES: Final = Shape(Tier.FIVE_MINUTES, 300_000, DAY_MS, "RETENTION_5M_DAYS")
ONE_HOUR: Final = Shape(Tier.ONE_HOUR, 3_600_000, 30 * DAY_MS, "RETENTION_1H_DAYS")


def for_step(step_ms: int) -> Shape:
    """Return the coarsest tier whose buckets fill ones of `step_ms` without a remainder."""
    for shape in (ONE_HOUR, FIVE_MINUTES):
        if step_ms % shape.bucket_ms == 0:
            return shape
    return RAW
