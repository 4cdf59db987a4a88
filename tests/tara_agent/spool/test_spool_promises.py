"""What nobody sees until it is too late: each of these broke unnoticed when the code was broken."""

import os

import pytest

from tara_agent.spool import cursor
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Limits, Spool

NOW = 1_700_000_000.0
SMALL = Limits(segment_bytes=150, left_free_bytes=0, left_free_share=0)
"""A sample a segment."""


class Disk:
    """Remembers which files and folders were brought to the disk."""

    def __init__(self):
        self.synced = []

    def sync(self, descriptor):
        self.synced.append(os.fstat(descriptor).st_ino)

    def has(self, path):
        return path.stat().st_ino in self.synced


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def make(path, disk):
    """Open the spool, as a new process would."""

    def make(**options):
        spool = Spool(Folder(path, sync=disk.sync), **({"wall": lambda: NOW} | options))
        spools.append(spool)
        spool.recover()
        return spool

    spools = []
    yield make
    for spool in spools:
        spool.close()


@pytest.fixture
def fill(make, sample):
    """Open the spool and append these."""

    def fill(*numbers, **options):
        spool = make(**options)
        for number in numbers:
            spool.append(sample(number))
        return spool

    return fill


def rest(spool):
    return [sample.number for sample in spool.peek(count=10**6, size=10**9)]


def segment(path, first):
    return path / f"{first:016d}.seg"


class TestDropping:
    def test_a_segment_takes_its_samples_out_of_memory_too(self, fill, sample):
        spool = fill(1, 2, 3, limits=SMALL._replace(total_bytes=350))
        assert rest(spool) == [1, 2, 3]
        spool.append(sample(4))
        spool.append(sample(5))

        left = rest(spool)
        assert left == [3, 4, 5][-len(left) :]
        assert spool.dropped == {"spool_full": 5 - len(left)}

    def test_the_open_segment_starts_another_one(self, fill):
        spool = fill(*range(1, 11), limits=SMALL._replace(total_bytes=250, segment_bytes=1000))

        left = rest(spool)
        assert left == list(range(11 - len(left), 11))
        assert left
        assert spool.dropped["spool_full"] + len(left) == 10


class TestDone:
    def test_moves_on_and_does_not_only_pile_up(self, fill, path):
        spool = fill(*range(1, 7))
        spool.done([6])
        for number in (1, 2, 3):
            spool.done([number])

        assert cursor.decode((path / "cursor").read_bytes()) == (4, frozenset({6}))

    def test_leaves_no_cursor_behind_that_the_next_outage_would_read(self, fill, path):
        spool = fill(1, 2, 3)
        spool.done([1])
        spool.done([2, 3])

        assert [file.name for file in path.iterdir()] == ["lock"]

    def test_of_the_newest_holds_though_it_was_read_before(self, fill):
        spool = fill(1, 2, 3)
        assert rest(spool) == [1, 2, 3], "a request that failed"

        spool.done({3})

        assert rest(spool) == [1, 2]

    def test_of_what_is_not_here_yet_does_not_cost_it_later(self, fill, sample):
        spool = fill(1, 2)
        spool.done([3])
        assert len(spool) == 2
        spool.append(sample(3))

        assert rest(spool) == [1, 2, 3]


class TestRecover:
    def test_does_not_count_a_damaged_line_that_was_sent(self, fill, make, path):
        spool = fill(1, 2, 3)
        spool.done([1])
        spool.close()
        content = segment(path, 1).read_bytes()
        segment(path, 1).write_bytes(b"x" + content[1:])

        after = make()
        assert len(after) == 2
        assert rest(after) == [2, 3]

    def test_brings_to_the_disk_what_a_killed_agent_left(self, fill, make, path, disk):
        spool = fill(1)
        spool._folder.release()  # the kernel would
        disk.synced.clear()

        make()

        assert disk.has(segment(path, 1))

    def test_sets_aside_what_becomes_unreadable_while_it_runs(self, fill, path):
        spool = fill(1, 2, 3, limits=SMALL)
        segment(path, 2).unlink()
        segment(path, 2).mkdir()

        assert rest(spool) == [1, 3]
        assert segment(path, 2).with_suffix(".bad").exists()


class TestDisk:
    def test_has_what_was_synced(self, fill, sample, path, disk):
        spool = fill(1)
        disk.synced.clear()
        spool.sync()
        assert disk.has(segment(path, 1))

        disk.synced.clear()
        spool.sync()
        assert disk.synced == [], "there is nothing new"
        spool.append(sample(2))
        spool.sync()
        assert disk.has(segment(path, 1))

    def test_has_all_once_it_is_closed(self, fill, path, disk):
        spool = fill(1)
        disk.synced.clear()
        spool.close()

        assert disk.has(segment(path, 1))

    def test_has_the_name_of_a_new_segment_at_once(self, fill, path, disk):
        fill(1)

        assert disk.has(path)

    def test_that_takes_half_a_record_takes_none_of_it(self, fill, make, sample, monkeypatch):
        spool = fill(1)
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        with pytest.raises(OSError, match="No space left"):
            spool.append(sample(2))
        monkeypatch.undo()
        spool.append(sample(3))
        spool.close()

        after = make()
        assert len(after) == 2
        assert rest(after) == [1, 3]


class TestFolder:
    @pytest.fixture
    def folder(self, path):
        path.mkdir()
        return Folder(path)

    def test_never_writes_over_a_segment_that_is_there(self, make, path, sample):
        spool = make()
        path.mkdir()
        segment(path, 5).write_text("somebody's")

        with pytest.raises(FileExistsError):
            spool.append(sample(5))
        assert segment(path, 5).read_text() == "somebody's"

    def test_keeps_two_bad_segments_at_most(self, folder, path):
        for first in range(1, 6):
            segment(path, first).write_text("x")
            folder.set_aside(first)

        assert sorted(int(file.stem) for file in path.glob("*")) == [4, 5]

    def test_keeps_a_mebibyte_of_what_was_rejected(self, folder, path):
        for number in (1, 2, 3):
            folder.keep_rejected(number, b"x" * 600 * 1024)

        assert [int(file.stem) for file in (path / "rejected").iterdir()] == [3]
        folder.release()

    def test_has_the_old_cursor_or_the_new_one(self, folder, monkeypatch):
        folder.write_cursor(b"old")

        def full(descriptor, data):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        folder.write_cursor(b"new")
        monkeypatch.undo()

        assert folder.read_cursor() == b"old"
