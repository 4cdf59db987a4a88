"""The samples that wait to be sent: a bounded queue between the two threads."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from tara_agent.samples import Sample

SAMPLES_MAXIMUM: Final = 1000


class SampleBuffer:
    """Samples in the order they were taken. Full, it loses the oldest and counts it.

    Samples that are being sent have left it; what could not be sent is put back in its place.
    """

    def __init__(self, maximum: int = SAMPLES_MAXIMUM) -> None:
        self._maximum = maximum
        self._samples: deque[Sample] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self.lost = 0

    def __len__(self) -> int:
        return len(self._samples)

    def put(self, sample: Sample) -> None:
        """Add the newest sample. Never waits for whoever sends."""
        with self._changed:
            self._samples.append(sample)
            self._lose_surplus()
            self._changed.notify()

    def put_back(self, samples: Iterable[Sample]) -> None:
        """Return samples that could not be sent to where they were taken from."""
        with self._changed:
            merged = sorted([*samples, *self._samples], key=lambda sample: sample.number)
            self._samples = deque(merged)
            self._lose_surplus()

    def take_newest(self) -> list[Sample]:
        """Take out the last sample; an empty list if there is none."""
        with self._changed:
            return [self._samples.pop()] if self._samples else []

    def take_oldest(self, *, count: int, size: int) -> list[Sample]:
        """Take out the first samples: at most `count`, and `size` bytes, but one at the least."""
        taken: list[Sample] = []
        with self._changed:
            while self._samples and len(taken) < count:
                size -= len(self._samples[0].encoded)
                if size < 0 and taken:
                    break
                taken.append(self._samples.popleft())
        return taken

    def wait_for(self, count: int) -> None:
        """Wait until there are `count` samples or the buffer is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or len(self._samples) >= count)

    def close(self) -> None:
        """Wake whoever waits, for good."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _lose_surplus(self) -> None:
        while len(self._samples) > self._maximum:
            self._samples.popleft()
            self.lost += 1
