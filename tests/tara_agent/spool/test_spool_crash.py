"""The spool against a model of it: kills, power cuts and flipped bytes, in any order.

TARA_SPOOL_EXAMPLES sets how many histories are tried; `make test-agent-kill` tries 20,000.
"""

import os
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tara_agent.samples import Sample
from tara_agent.spool import records
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Limits, Spool

NOW = 1_700_000_000.0
EXAMPLES = int(os.environ.get("TARA_SPOOL_EXAMPLES", "150"))


class Disk:
    """Knows what of each file a power cut would leave."""

    def __init__(self) -> None:
        self.synced: dict[str, int] = {}

    def sync(self, descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        self.synced[path] = os.fstat(descriptor).st_size

    def cut(self, folder: Path, chance: random.Random) -> None:
        for path in folder.glob("*.seg"):
            size = path.stat().st_size
            os.truncate(path, chance.randint(self.synced.get(str(path), 0), size))


class SpoolMachine(RuleBasedStateMachine):
    """`waiting` must come out; `maybe` may: it was not synced, or is in a damaged line."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()).resolve() / "spool"
        self.disk = Disk()
        self.waiting: set[int] = set()
        self.maybe: set[int] = set()
        self.sent: set[int] = set()
        self.unsynced: set[int] = set()
        self.number = 0
        self.is_damaged = False
        self.open()

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            self.spool.close()
            shutil.rmtree(self.folder.parent)

    def open(self) -> None:
        self.spool = Spool(
            Folder(self.folder, sync=self.disk.sync),
            limits=Limits(segment_bytes=200, left_free_bytes=0, left_free_share=0),
            wall=lambda: NOW,
        )
        self.number = max(self.number, self.spool.recover() - 1)

    def drain(self) -> None:
        out: list[int] = []
        while batch := self.spool.peek(count=3, size=10**6):
            out += [sample.number for sample in batch]
            self.spool.done({sample.number for sample in batch})
        assert out == sorted(set(out)), "in order, none twice"
        assert self.waiting <= set(out), "none lost"
        again = self.sent if self.is_damaged else set()
        assert set(out) <= self.waiting | self.maybe | again, "none invented"
        assert self.spool.is_empty
        assert len(self.spool) == 0

    @rule()
    def append(self) -> None:
        self.number += 1
        self.spool.append(Sample(self.number, NOW, b'{"n":%d}' % self.number))
        self.waiting.add(self.number)
        self.unsynced.add(self.number)

    @rule(count=st.integers(1, 6))
    def send_oldest(self, count: int) -> None:
        batch = self.spool.peek(count=count, size=10**6)
        numbers = [sample.number for sample in batch]
        assert numbers == sorted(numbers)
        expected = sorted(self.waiting)[:count]
        assert self.is_damaged or numbers == expected
        self._sent(set(numbers))

    @precondition(lambda self: self.number in self.waiting)
    @rule()
    def send_newest(self) -> None:
        self._sent({self.number})

    @rule()
    def sync(self) -> None:
        self.spool.sync()
        self.unsynced.clear()

    @rule()
    def restart(self) -> None:
        self.spool.close()
        self.unsynced.clear()
        self.open()

    @rule()
    def kill(self) -> None:
        self._die()
        self.open()
        self.unsynced.clear()

    @rule(chance=st.randoms(use_true_random=False))
    def cut_the_power(self, chance: random.Random) -> None:
        self._die()
        self.disk.cut(self.folder, chance)
        self.maybe |= self.unsynced
        self.waiting -= self.unsynced
        self.unsynced.clear()
        if chance.random() < 0.5:  # it is never synced
            (self.folder / "cursor").unlink(missing_ok=True)
        self.is_damaged = True
        self.open()

    @rule(place=st.integers(0, 10**6), bit=st.integers(0, 7))
    def flip_a_bit(self, place: int, bit: int) -> None:
        self._die()
        files = sorted([*self.folder.glob("*.seg"), *self.folder.glob("cursor")])
        if files:
            path = files[place % len(files)]
            content = bytearray(path.read_bytes())
            if content:
                at = place % len(content)
                self._mark_damaged(bytes(content), at)
                content[at] ^= 1 << bit
                path.write_bytes(bytes(content))
        self.is_damaged = True
        self.open()

    @invariant()
    def counts_exactly(self) -> None:
        assert self.is_damaged or len(self.spool) == len(self.waiting)

    def _sent(self, numbers: set[int]) -> None:
        self.spool.done(numbers)
        self.waiting -= numbers
        self.sent |= numbers

    def _die(self) -> None:
        descriptor = self.spool._appender._descriptor
        if descriptor is not None:
            os.close(descriptor)
        self.spool._folder.release()

    def _mark_damaged(self, content: bytes, at: int) -> None:
        """Take the records of the line at `at`, and of the next, from what must come out."""
        start = content.rfind(b"\n", 0, at) + 1
        for line in content[start:].split(b"\n")[:2]:
            sample = records.decode(line)
            if sample:
                self.waiting.discard(sample.number)
                self.maybe.add(sample.number)


SpoolMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSpoolCrash = SpoolMachine.TestCase
