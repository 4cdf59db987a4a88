"""The samples that wait."""

import json
import threading

import pytest

from tara_agent.backlog import DISK_AGAIN_SECONDS, Backlog
from tara_agent.samples import Sample
from tara_agent.spool.folder import Folder, Space
from tara_agent.spool.spool import Spool


@pytest.fixture
def filled(sample):
    def fill(count, *args, **options):
        backlog = Backlog(*args, **options)
        for number in range(1, count + 1):
            backlog.put(sample(number))
        return backlog

    return fill


@pytest.fixture
def spool(tmp_path):
    spool = Spool(Folder(tmp_path / "spool"), wall=lambda: 1_700_000_000.0)
    yield spool
    spool.close()


def numbers(samples):
    return [sample.number for sample in samples]


def waiting(backlog):
    """Take out all there is, as the sender would; return the numbers."""
    taken = []
    while batch := backlog.oldest(count=3, size=10**6):
        taken += numbers(batch)
        backlog.done(batch)
    return taken


class TestInMemory:
    def test_loses_the_oldest_when_full_and_counts_it(self, filled):
        backlog = filled(1003)

        assert backlog.dropped == {"queue_full": 3}
        assert numbers(backlog.oldest(count=2000, size=10**9)) == list(range(4, 1004))

    def test_gives_so_many_in_order(self, filled):
        assert numbers(filled(5).oldest(count=3, size=10**6)) == [1, 2, 3]

    def test_gives_so_many_bytes(self, filled, sample):
        two = 2 * len(sample(1).encoded)

        assert numbers(filled(5).oldest(count=100, size=two)) == [1, 2]

    def test_gives_one_however_large(self, filled):
        assert numbers(filled(5).oldest(count=100, size=1)) == [1]

    def test_gives_none_from_nothing(self, filled):
        assert filled(0).oldest(count=100, size=1) == []
        assert filled(0).newest() == []

    def test_keeps_what_was_given_until_it_is_done(self, filled):
        backlog = filled(3)
        backlog.done(backlog.newest())

        assert backlog.newest() == []
        assert waiting(backlog) == [1, 2]
        assert len(backlog) == 0

    def test_makes_no_file(self, filled, spool, tmp_path):
        backlog = filled(5, spool)

        assert backlog.keep() is None
        assert list(tmp_path.iterdir()) == []


class TestOutage:
    def test_brings_all_to_the_disk_and_gives_it_back_in_order(self, filled, spool, sample):
        backlog = filled(3, spool)
        backlog.outage()
        backlog.keep()
        backlog.put(sample(4))

        assert len(spool) == 3
        assert len(backlog) == 4
        assert waiting(backlog) == [1, 2, 3, 4]

    def test_ends_when_all_is_sent_and_leaves_no_file(self, filled, spool, sample, tmp_path):
        backlog = filled(3, spool)
        backlog.outage()
        backlog.keep()
        waiting(backlog)
        backlog.put(sample(4))
        backlog.keep()

        assert not backlog.is_spilling
        assert [path.name for path in (tmp_path / "spool").iterdir()] == ["lock"]

    def test_begins_when_a_sample_waits_for_half_a_minute(self, filled, spool, sample):
        now = [0.0]
        backlog = filled(2, spool, monotonic=lambda: now[0])
        now[0] = 31.0
        backlog.put(sample(3))
        backlog.keep()

        assert len(spool) == 3

    def test_sends_the_newest_once_though_it_is_on_disk(self, filled, spool):
        backlog = filled(3, spool)
        backlog.outage()
        backlog.keep()
        backlog.done(backlog.newest())

        assert waiting(backlog) == [1, 2]

    def test_takes_up_what_is_on_its_way_when_it_begins(self, filled, spool):
        backlog = filled(3, spool)
        under_way = backlog.oldest(count=2, size=10**6)
        backlog.outage()
        backlog.keep()
        backlog.done(under_way)

        assert waiting(backlog) == [3]

    def test_saves_what_is_left_at_the_end(self, filled, spool, tmp_path):
        backlog = filled(3, spool)

        assert backlog.save() == 0

        after = Spool(Folder(tmp_path / "spool"), wall=lambda: 1_700_000_000.0)
        assert after.recover() == 4
        assert waiting(Backlog(after)) == [1, 2, 3]
        after.close()


class TestExtras:
    def test_stay_in_memory(self, spool):
        content = {"time": 1_700_000_000.0, "values": {"load_1m": 0.1}, "processes": [{"pid": 1}]}
        backlog = Backlog(spool)
        backlog.put(Sample(1, 1_700_000_000.0, json.dumps(content).encode()))
        backlog.outage()
        backlog.keep()

        (newest,), (kept,) = backlog.newest(), backlog.oldest(count=9, size=10**6)
        assert json.loads(newest.encoded) == content
        assert json.loads(kept.encoded) == {"time": content["time"], "values": content["values"]}


class TestKeeping:
    def test_counts_no_sample_as_lost_that_reached_the_disk(self, filled, spool, sample):
        backlog = filled(2, spool, maximum=2)
        append, late = spool.append, [sample(3), sample(4)]

        def slow(kept):
            append(kept)
            while late:
                backlog.put(late.pop(0))

        spool.append = slow
        backlog.outage()
        backlog.keep()

        assert backlog.dropped == {"queue_full": 1}
        assert waiting(backlog) == [1, 3, 4]

    def test_brings_all_to_the_disk_every_half_minute(self, tmp_path, sample):
        now, synced = [0.0], []
        spool = Spool(Folder(tmp_path / "spool", sync=synced.append), wall=lambda: 1_700_000_000.0)
        backlog = Backlog(spool, monotonic=lambda: now[0])
        backlog.outage()
        for seconds, number in ((1, 1), (29, 2), (31, 3), (59, 4), (62, 5)):
            now[0] = float(seconds)
            backlog.put(sample(number))
            before = len(synced)
            backlog.keep()
            # The first one makes a segment, whose name is brought to the disk at once.
            assert len(synced) - before == (seconds in {1, 31, 62}), seconds
        spool.close()


class TestRefusingDisk:
    @pytest.fixture
    def full(self, tmp_path):
        spool = Spool(Folder(tmp_path / "spool"), space=lambda path: Space(10**9, 10**6))
        yield spool
        spool.close()

    def test_holds_the_newest_in_memory_and_counts_the_others(self, filled, full):
        backlog = filled(1000, full)
        backlog.outage()

        assert backlog.keep() == "No space left on device"
        assert backlog.keep() == "No space left on device", "it is so until the disk is asked again"
        assert len(backlog) == 1000

    def test_asks_the_disk_again_after_a_while(self, filled, tmp_path):
        free, now = [0], [0.0]
        spool = Spool(
            Folder(tmp_path / "spool"),
            space=lambda path: Space(10**9, free[0]),
            wall=lambda: 1_700_000_000.0,
        )
        backlog = filled(3, spool, monotonic=lambda: now[0])
        backlog.outage()
        backlog.keep()
        free[0] = 10**9

        backlog.keep()
        assert len(spool) == 0
        now[0] = DISK_AGAIN_SECONDS
        assert backlog.keep() is None
        assert len(spool) == 3
        assert waiting(backlog) == [1, 2, 3]


class TestWaitFor:
    def test_ends_with_the_sample_it_waits_for(self, filled, sample):
        backlog = filled(1)
        waiting = threading.Thread(target=backlog.wait_for, args=(2,))
        waiting.start()

        backlog.put(sample(2))

        waiting.join(5)
        assert not waiting.is_alive()

    def test_ends_when_the_backlog_is_closed(self, filled):
        backlog = filled(0)
        waiting = threading.Thread(target=backlog.wait_for, args=(1,))
        waiting.start()

        backlog.close()

        waiting.join(5)
        assert not waiting.is_alive()
