"""The samples that wait to be sent: in memory, and in an outage on disk."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from typing import Final

from tara_agent.extras import without_extras
from tara_agent.samples import Sample
from tara_agent.spool.spool import Spool

SAMPLES_MAXIMUM: Final = 1000
UNSENT_SECONDS: Final = 30.0
"""How long a sample may be in memory only."""
DISK_AGAIN_SECONDS: Final = 10.0
SYNC_SECONDS: Final = 30.0


class Backlog:
    """A queue of samples, of which the oldest may be on disk and the newest are in memory.

    Three threads use it: one puts, one sends, and in an outage one keeps, so that whoever puts
    never waits for the disk. A sample stays in it until `done` says otherwise. Where there is no
    disk, or it refuses, the newest 1,000 are held and the others counted.
    """

    def __init__(
        self,
        spool: Spool | None = None,
        *,
        maximum: int = SAMPLES_MAXIMUM,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`spool` has been recovered; without one everything stays in memory."""
        self._spool = spool
        self._maximum = maximum
        self._monotonic = monotonic
        self._memory: deque[tuple[float, Sample]] = deque()  # put at, sample
        self._newest: Sample | None = None
        memory = threading.Lock()
        self._arrived = threading.Condition(memory)
        self._to_keep = threading.Condition(memory)
        self._disk = threading.Lock()  # taken before the other one, never after it
        self._is_closed = False
        self._is_spilling = spool is not None and not spool.is_empty
        self._disk_at = float("-inf")
        self._refusal: str | None = None
        self._synced_at = monotonic()
        self._lost = 0

    def __len__(self) -> int:
        return len(self._memory) + (0 if self._spool is None else len(self._spool))

    @property
    def dropped(self) -> dict[str, int]:
        """What was lost, by reason, since the agent was started."""
        counts = Counter({"queue_full": self._lost})
        if self._spool is not None:
            counts.update(self._spool.dropped)
        return dict(counts)

    def put(self, sample: Sample) -> None:
        """Add the newest sample. Waits for neither network nor disk."""
        now = self._monotonic()
        with self._arrived:
            self._memory.append((now, sample))
            self._newest = sample
            if self._spool is not None and now - self._memory[0][0] > UNSENT_SECONDS:
                self._is_spilling = True
            while len(self._memory) > self._maximum:
                self._memory.popleft()
                self._lost += 1
            self._arrived.notify_all()
            if self._is_spilling:
                self._to_keep.notify_all()

    def newest(self) -> list[Sample]:
        """Return the sample put last, unless it is done with."""
        newest = self._newest
        return [newest] if newest else []

    def oldest(self, *, count: int, size: int) -> list[Sample]:
        """Return the first samples: at most `count`, and `size` bytes, but one at the least."""
        if self._spool is not None and not self._spool.is_empty:
            with self._disk:
                taken = self._spool.peek(count=count, size=size)
            if taken:
                return taken
        return self._oldest_in_memory(count, size)

    def done(self, samples: Collection[Sample]) -> None:
        """Take samples out: they are on the server, or given up."""
        numbers = {sample.number for sample in samples}
        if not numbers:
            return
        with self._disk:
            if self._spool is not None:
                self._spool.done(numbers)
            with self._arrived:
                if self._newest and self._newest.number in numbers:
                    self._newest = None
                if self._memory and self._memory[0][1].number <= max(numbers):
                    self._memory = deque(
                        held for held in self._memory if held[1].number not in numbers
                    )
                if not self._memory and (self._spool is None or self._spool.is_empty):
                    self._is_spilling = False

    def outage(self) -> None:
        """Keep everything on disk from now on, until all is sent."""
        if self._spool is not None:
            with self._to_keep:
                self._is_spilling = True
                self._to_keep.notify_all()

    @property
    def is_spilling(self) -> bool:
        """True from the first failure on until all is sent."""
        return self._is_spilling

    def reject(self, samples: Collection[Sample]) -> None:
        """Take out what the server cannot read; a bounded part of it is kept for people."""
        if self._spool is not None:
            with self._disk:
                self._spool.reject(samples)
        self.done(samples)

    def wait_for(self, count: int) -> None:
        """Wait until there are `count` samples or the backlog is closed."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._is_closed or len(self) >= count)

    def wait_to_keep(self) -> bool:
        """Wait until something may have to be brought to the disk; False once it is closed."""
        with self._to_keep:
            seconds = DISK_AGAIN_SECONDS if self._is_spilling else None
            self._to_keep.wait_for(lambda: self._is_closed or self._may_spill(), seconds)
            return not self._is_closed

    def keep(self) -> str | None:
        """Bring to the disk what should be there; return why it was refused, if it was last."""
        if self._spool is None:
            return None
        with self._disk:
            if self._monotonic() < self._disk_at:
                return self._refusal
            try:
                while self._may_spill():
                    self._spill_one(self._spool)
                if self._monotonic() - self._synced_at >= SYNC_SECONDS:
                    self._synced_at = self._monotonic()
                    self._spool.sync()
            except OSError as error:
                self._disk_at = self._monotonic() + DISK_AGAIN_SECONDS
                self._refusal = error.strerror or type(error).__name__
                return self._refusal
        self._refusal = None
        return None

    def close(self) -> None:
        """Wake whoever waits, for good."""
        with self._arrived:
            self._is_closed = True
            self._arrived.notify_all()
            self._to_keep.notify_all()

    def save(self) -> int:
        """Bring everything to the disk at last; return how many samples are only in memory."""
        if self._spool is not None:
            self._disk_at = float("-inf")
            self.outage()
            self.keep()
            with self._disk:
                self._spool.close()
        return len(self._memory)

    def _may_spill(self) -> bool:
        """True if a sample is to go from memory to the disk, and the disk may be asked."""
        return self._is_spilling and bool(self._memory) and self._monotonic() >= self._disk_at

    def _spill_one(self, spool: Spool) -> None:
        """Move the oldest sample in memory to the disk. Raises OSError; then it stays."""
        sample = self._memory[0][1]
        spool.append(without_extras(sample))
        with self._arrived:
            # It may have been lost meanwhile to a full queue; then it is found after all.
            if self._memory and self._memory[0][1] is sample:
                self._memory.popleft()
            else:
                self._lost -= 1

    def _oldest_in_memory(self, count: int, size: int) -> list[Sample]:
        taken: list[Sample] = []
        with self._arrived:
            for _, sample in self._memory:
                size -= len(sample.encoded)
                if len(taken) >= count or (size < 0 and taken):
                    break
                taken.append(sample)
        return taken
