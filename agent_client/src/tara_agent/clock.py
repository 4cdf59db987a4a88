"""The time that new samples are stamped with."""

import logging
import time
from collections.abc import Callable
from typing import Final

SKEW_SECONDS: Final = 60.0
"""How far off a clock may be before its samples are stamped by the server's instead."""
LEAP_SECONDS: Final = 2.0
SLOWEST_ANSWER_SECONDS: Final = 5.0
"""In a longer exchange nobody can tell what time it was when the server looked at its clock."""

logger = logging.getLogger(__name__)


class StampClock:
    """This machine's time; the server's, where the two are more than a minute apart.

    The server refuses samples from its future and throws away those from long ago, so a machine
    whose clock is wrong would be one whose samples are all lost. What is stamped stays as it is: a
    sample sent again must be the same sample. Two threads use it, and what they share is one tuple.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wall` is in Unix seconds."""
        self._wall = wall
        self._monotonic = monotonic
        self._learned = (0.0, 0.0)  # seconds to add; wall less monotonic when that was learned

    def __call__(self) -> float:
        """Return the time for a new sample, in Unix seconds."""
        now = self._wall()
        offset, base = self._learned
        if offset and abs(now - self._monotonic() - base) > LEAP_SECONDS:
            # Somebody has set the clock meanwhile. It counts as right until an answer says not.
            self._learned = (0.0, 0.0)
            return now
        return now + offset

    def learn(self, server_time: float, *, asked_at: float, answered_at: float) -> None:
        """Compare clocks: what the server's said between two readings of ours."""
        if not 0 <= answered_at - asked_at <= SLOWEST_ANSWER_SECONDS:
            return
        offset = server_time - (asked_at + answered_at) / 2
        if abs(offset) <= SKEW_SECONDS:
            offset = 0.0
        known = self._learned[0]
        # Not with every answer: samples would come a few milliseconds too early or too late.
        if abs(offset - known) <= LEAP_SECONDS:
            return
        self._learned = (offset, self._wall() - self._monotonic())
        if offset and not known:
            logger.warning(
                "this machine's clock is %.0f s %s the server's: new samples are stamped by the "
                "server's until it is set",
                abs(offset),
                "behind" if offset > 0 else "ahead of",
            )
