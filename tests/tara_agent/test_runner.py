"""The two threads."""

import threading
import time
from itertools import pairwise

import pytest

from tara_agent.backlog import Backlog
from tara_agent.collectors.load import LoadCollector
from tara_agent.runner import Bell, Runner, SenderThread
from tara_agent.samples import Sampler


class FakeBell:
    """Moves the clock instead of waiting, and stops after so long."""

    def __init__(self, *, stop_at: float, changes: dict[float, int] | None = None) -> None:
        self.now = 0.0
        self.stop_at = stop_at
        self.changes = changes or {}

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> int | None:
        assert seconds >= -1, "the bell is waited for"
        until = self.now + max(0.0, seconds)
        at = min((at for at in self.changes if self.now <= at <= until), default=None)
        if at is not None:
            self.now = at
            return self.changes.pop(at)
        self.now = until
        return 0 if until < self.stop_at else None


class SlowSampler(Sampler):
    """Takes so long for each sample."""

    def __init__(self, bell: FakeBell, seconds: float = 0.0) -> None:
        super().__init__([LoadCollector(lambda: (0.0, 0.0, 0.0))])
        self.bell = bell
        self.seconds = seconds

    def take(self, *, now, time):
        self.bell.now += self.seconds
        return super().take(now=now, time=time)


def times_of(bell, *, interval_seconds=10, sample_seconds=0.0, seed="a"):
    """Run on the fake clock; return when samples were taken."""
    backlog = Backlog()
    sampler = SlowSampler(bell, sample_seconds)
    Runner(sampler, backlog, bell, interval_seconds=interval_seconds, seed=seed).run(
        monotonic=bell.monotonic, wall=bell.monotonic
    )
    return [sample.time for sample in backlog.oldest(count=10_000, size=10**9)]


class TestRunner:
    def test_takes_the_first_sample_within_seconds(self):
        assert times_of(FakeBell(stop_at=60))[0] == 1.0

    def test_then_keeps_to_its_grid(self):
        times = times_of(FakeBell(stop_at=1000), sample_seconds=0.3)

        gaps = {round(late - early, 6) for early, late in pairwise(times[1:])}
        assert gaps == {10.0}
        assert 5 <= times[1] - times[0] <= 15.5

    def test_skips_what_it_missed(self):
        times = times_of(FakeBell(stop_at=200), sample_seconds=25)

        gaps = {round(late - early, 6) for early, late in pairwise(times[1:])}
        assert gaps == {30.0}

    def test_agents_started_together_do_not_send_together(self):
        seconds = {times_of(FakeBell(stop_at=40), seed=f"agent-{n}")[1] for n in range(50)}

        assert len(seconds) > 40

    def test_changes_its_interval_when_told(self):
        times = times_of(FakeBell(stop_at=100, changes={30.5: 2}))

        late = [time for time in times if time > 32.5]
        assert {round(b - a, 6) for a, b in pairwise(late)} == {2.0}
        assert len(late) > 30

    def test_says_that_the_interval_changed_once(self, caplog):
        caplog.set_level("INFO")

        changes = {30.5: 2, 40.5: 2, 50.5: 10, 60.5: 2, 70.5: 10}  # somebody looks, and again
        times_of(FakeBell(stop_at=100, changes=changes))

        assert [record.getMessage() for record in caplog.records] == [
            "a sample every 2 s from now on, as the server asks"
        ]


class TestBell:
    def test_tells_a_stop_from_a_change_and_from_nothing(self):
        bell = Bell()
        bell.set_interval(30)
        bell.stop()

        assert [bell.wait(1), bell.wait(1), bell.wait(0.01), bell.wait(-5)] == [30, None, 0, 0]


class FakeSender:
    """A sender whose steps do what a test says."""

    gather = 1

    def __init__(self, step):
        self._step = step
        self.stepped = threading.Semaphore(0)

    def step(self):
        try:
            return self._step()
        finally:
            self.stepped.release()

    def last_step(self, within_seconds):
        return 0


class TestSenderThread:
    @pytest.fixture
    def run(self, sample):
        def run(step):
            backlog = Backlog()
            sender = FakeSender(lambda: step(backlog))
            thread = SenderThread(sender, backlog, cut=lambda: None)
            thread.start()
            threads.append(thread)
            backlog.put(sample(1))
            return thread, sender

        threads = []
        yield run
        for thread in threads:
            thread.end(1)

    def test_steps_until_nothing_is_left(self, run):
        _, sender = run(lambda backlog: backlog.done(backlog.newest()) or 0.0)

        assert sender.stepped.acquire(timeout=5)
        assert not sender.stepped.acquire(timeout=0.1)

    def test_waits_as_long_as_a_step_says(self, run):
        _, sender = run(lambda backlog: 60.0)

        assert sender.stepped.acquire(timeout=5)
        assert not sender.stepped.acquire(timeout=0.1)

    def test_outlives_what_nobody_expected(self, run, caplog):
        def step(backlog):
            raise RuntimeError("a bug")

        thread, sender = run(step)

        assert sender.stepped.acquire(timeout=5)
        time.sleep(0.05)
        assert thread.is_alive()
        assert "unexpected" in caplog.text

    def test_ends_at_once_though_a_long_wait_is_on(self, run):
        thread, sender = run(lambda backlog: 60.0)
        assert sender.stepped.acquire(timeout=5)

        began = time.monotonic()
        thread.end(3)

        assert not thread.is_alive()
        assert time.monotonic() - began < 1
