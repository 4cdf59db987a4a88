"""Runs the agent: this thread takes samples on time, a second sends and a third keeps them."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

from tara_agent.backlog import Backlog
from tara_agent.samples import Sampler
from tara_agent.schedule import Schedule, phase_seconds
from tara_agent.sender import Sender

FIRST_SAMPLE_SECONDS: Final = 1.0
"""How long the first rates are measured over: soon enough for whoever watches the first start."""
LAST_ATTEMPT_SECONDS: Final = 3.0
AFTER_CUT_SECONDS: Final = 0.5
LAST_SAVE_SECONDS: Final = 1.0
AFTER_UNEXPECTED_SECONDS: Final = 60.0

logger = logging.getLogger(__name__)


class Bell:
    """Wakes the sampling thread: to stop, or because the interval has changed.

    A signal handler may ring it at any moment, even while `wait` holds a lock: SimpleQueue is the
    one queue that is made for that.
    """

    def __init__(self) -> None:
        self._rings: SimpleQueue[int | None] = SimpleQueue()

    def stop(self) -> None:
        """Ask the agent to end."""
        self._rings.put(None)

    def set_interval(self, seconds: int) -> None:
        """Ask for another interval."""
        self._rings.put(seconds)

    def wait(self, seconds: float) -> int | None:
        """Return None to stop, an interval to change to, or 0 after `seconds`."""
        try:
            return self._rings.get(timeout=max(0.0, seconds))
        except Empty:
            return 0


class SenderThread(threading.Thread):
    """Steps the sender whenever there is something to send."""

    def __init__(self, sender: Sender, backlog: Backlog, *, cut: Callable[[], None]) -> None:
        """`cut` ends an attempt that is under way."""
        super().__init__(name="sender", daemon=True)
        self._cut = cut
        self.unsent = 0
        self._sender = sender
        self._backlog = backlog
        self._ending = threading.Event()
        self._end_at = float("inf")

    def run(self) -> None:
        """Send until told to end, then try a last time."""
        while not self._ending.is_set():
            self._backlog.wait_for(self._sender.gather)
            pause = 0.0
            while not self._ending.wait(pause):
                pause = self._step()
                if not pause and not len(self._backlog):
                    break
        self.unsent = len(self._backlog)
        left = self._end_at - time.monotonic()
        if left > 0:
            self.unsent = self._sender.last_step(left)

    def end(self, within_seconds: float) -> None:
        """Ask for the last attempt, and wait for it that long."""
        self._end_at = time.monotonic() + within_seconds
        self._ending.set()
        self._backlog.close()
        self.join(within_seconds)
        if self.is_alive():
            self._cut()
            self.join(AFTER_CUT_SECONDS)

    def _step(self) -> float:
        try:
            return self._sender.step()
        except Exception:
            # Whatever it was, the next sample deserves a try; the batch is still in the backlog.
            logger.exception("sending failed in an unexpected way; trying again in a minute")
            return AFTER_UNEXPECTED_SECONDS


class KeeperThread(threading.Thread):
    """Brings samples to the disk while the server is away. Sleeps for good while it is not."""

    def __init__(self, backlog: Backlog) -> None:
        super().__init__(name="keeper", daemon=True)
        self._backlog = backlog
        self._said = ""
        self.unsaved: int | None = None

    def run(self) -> None:
        """Keep samples until told to end, then all that is left."""
        while self._backlog.wait_to_keep():
            self._report(self._backlog.keep())
        self.unsaved = self._backlog.save()

    def end(self, within_seconds: float) -> int:
        """Save what is left; return how many samples are in memory only. Never waits longer."""
        self._backlog.close()
        self.join(within_seconds)
        return len(self._backlog) if self.unsaved is None else self.unsaved

    def _report(self, refusal: str | None) -> None:
        """Say once why the disk takes nothing; until it takes all again."""
        if refusal and refusal != self._said:
            logger.warning(
                "the spool takes no samples (%s): the last 1,000 stay in memory", refusal
            )
        self._said = refusal or ""


class Runner:
    """Takes samples on schedule, until the bell says stop."""

    def __init__(
        self,
        sampler: Sampler,
        backlog: Backlog,
        bell: Bell,
        *,
        interval_seconds: int,
        seed: str,
    ) -> None:
        """`seed` places this agent's ticks within the interval."""
        self._sampler = sampler
        self._backlog = backlog
        self._bell = bell
        self._seed = seed
        self._interval_seconds = interval_seconds
        self._told = {interval_seconds}

    def run(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Sample at once, then on every tick. Returns when told to stop."""
        self._sampler.prime(now=monotonic())
        schedule = self._schedule(monotonic())
        due_at = monotonic() + FIRST_SAMPLE_SECONDS
        while (change := self._bell.wait(due_at - monotonic())) is not None:
            now = monotonic()
            if change and change != self._interval_seconds:
                self._tell(change)
                self._interval_seconds = change
                schedule = self._schedule(now)
                due_at = min(due_at, schedule.next_after(now))
            if now >= due_at:
                self._backlog.put(self._sampler.take(now=now, time=wall()))
                # Half an interval on at least: rates over a moment would be mostly noise.
                due_at = schedule.next_after(max(monotonic(), now + self._interval_seconds / 2))

    def _tell(self, seconds: int) -> None:
        """Say once of each interval that it is one; a live view changes it with each visitor."""
        if seconds not in self._told:
            self._told.add(seconds)
            logger.info("a sample every %d s from now on, as the server asks", seconds)

    def _schedule(self, now: float) -> Schedule:
        phase = phase_seconds(self._seed, self._interval_seconds)
        return Schedule(now + phase, self._interval_seconds)


def stop_on_signals(bell: Bell) -> None:
    """Have SIGTERM, SIGINT and a terminal that closes end the agent in an orderly way."""
    numbers = [signal.SIGTERM, signal.SIGINT]
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    # Started by nohup it shall outlive its terminal.
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        numbers.append(hangup)
    for number in numbers:
        signal.signal(number, lambda *_: bell.stop())
