"""When samples are due: a grid on the monotonic clock that neither drifts nor bunches."""

import zlib
from typing import NamedTuple


class Schedule(NamedTuple):
    """Ticks at `start + n * interval`, in monotonic seconds."""

    start: float
    interval_seconds: float

    def next_after(self, now: float) -> float:
        """Return the first tick later than `now`; the ones missed before it are skipped."""
        ticks = (now - self.start) // self.interval_seconds + 1
        return self.start + ticks * self.interval_seconds


def phase_seconds(seed: str, interval_seconds: float) -> float:
    """Return this agent's place within the interval, so that a fleet does not send all at once."""
    return zlib.crc32(seed.encode("utf-8", "replace")) / 2**32 * interval_seconds
