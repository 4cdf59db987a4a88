"""Samples on disk."""

import os
from pathlib import Path

import pytest

from tara_agent.errors import SpoolTaken
from tara_agent.spool import records
from tara_agent.spool.folder import Folder, Space
from tara_agent.spool.spool import Limits, Spool

NOW = 1_700_000_000.0
DAY = 86400


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state/spool"


@pytest.fixture
def make(path):
    """Open the spool, as a new process would."""

    def make(**options):
        spool = Spool(Folder(path), **({"wall": lambda: NOW} | options))
        spools.append(spool)
        spool.recover()
        return spool

    spools = []
    yield make
    for spool in spools:
        spool.close()


@pytest.fixture
def spool(make):
    return make()


@pytest.fixture
def fill(spool, sample):
    def fill(*numbers, **options):
        for number in numbers:
            spool.append(sample(number, **options))
        return spool

    return fill


def numbers(samples):
    return [sample.number for sample in samples]


def rest(spool):
    return numbers(spool.peek(count=10**6, size=10**9))


def segments(path):
    return sorted(path.glob("*.seg"))


class TestRecords:
    def test_are_lines_that_people_can_read(self, sample):
        assert records.encode(sample(1)) == (
            b'1acc57d1 1 1700000001.000 {"time": 1700000001.0, '
            b'"values": {"load_1m": 0.5, "custom_": 1}}\n'
        )

    def test_come_back_as_they_were(self, sample):
        assert records.decode(records.encode(sample(7))) == sample(7)

    @pytest.mark.parametrize("line", [b"", b"\n", b"00000000 \n", b"x", records.seal(b"1 2"),
                                      records.seal(b"a b {}")], ids=repr)  # fmt: skip
    def test_are_nothing_when_they_are_damaged(self, line):
        assert records.decode(line) is None


class TestAppend:
    def test_makes_a_folder_for_its_owner_alone(self, fill, path):
        fill(1)

        assert path.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}

    def test_starts_another_segment_when_one_is_full(self, make, sample, path):
        spool = make(limits=Limits(segment_bytes=300))
        for number in range(1, 6):
            spool.append(sample(number))

        assert [int(file.stem) for file in segments(path)] == [1, 4]
        assert rest(spool) == [1, 2, 3, 4, 5]

    def test_never_adds_to_what_an_earlier_run_left(self, fill, make, sample, path):
        fill(1).close()
        make().append(sample(2))

        assert len(segments(path)) == 2

    def test_leaves_room_for_others(self, make, sample, path):
        spool = make(space=lambda path: Space(10 * 2**30, 511 * 2**20))

        with pytest.raises(OSError, match="No space left"):
            spool.append(sample(1))
        assert spool.is_empty

    def test_leaves_the_folder_to_the_agent_that_has_it(self, fill, path, sample):
        fill(1)

        with pytest.raises(SpoolTaken, match="another agent is using it"):
            Spool(Folder(path)).append(sample(2))

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_keeps_nothing_of_what_the_disk_refuses(self, fill, path, sample):
        spool = fill(1)
        os.dup2(os.open("/dev/full", os.O_WRONLY), spool._appender._descriptor)

        with pytest.raises(OSError, match="No space left"):
            spool.append(sample(2))
        spool.append(sample(3))

        assert rest(spool) == [1, 3]
        assert len(spool) == 2


class TestBounds:
    def test_drops_the_oldest_segments_and_counts_exactly(self, make, sample, path):
        spool = make(limits=Limits(total_bytes=3000, segment_bytes=300))
        for number in range(1, 101):
            spool.append(sample(number))

        left = rest(spool)
        assert left == list(range(101 - len(left), 101))
        assert sum(file.stat().st_size for file in segments(path)) <= 3000
        assert spool.dropped == {"spool_full": 100 - len(left)}
        assert len(spool) == len(left)

    def test_does_not_count_as_dropped_what_was_sent(self, make, sample):
        spool = make(limits=Limits(total_bytes=900, segment_bytes=300))
        for number in range(1, 7):
            spool.append(sample(number))
        spool.done([2, 3])
        while not spool.dropped:
            number += 1
            spool.append(sample(number))

        assert spool.dropped == {"spool_full": 1}

    def test_gives_up_what_is_a_week_old(self, make, sample):
        spool = make(wall=lambda: NOW + 8 * DAY)
        for day in (0, 2):
            spool.append(sample(day * DAY))

        assert rest(spool) == [2 * DAY]
        assert spool.dropped == {"too_old": 1}
        assert len(spool) == 1

    def test_does_not_believe_a_clock_that_leapt_by_years(self, make, sample):
        spool = make(wall=lambda: NOW + 76 * 365 * DAY)
        spool.append(sample(1))

        assert rest(spool) == [1]


class TestRecover:
    def test_finds_all_in_order(self, fill, make):
        fill(1, 2, 3).close()

        after = make()
        assert len(after) == 3
        assert rest(after) == [1, 2, 3]

    def test_knows_what_was_sent(self, fill, make):
        spool = fill(1, 2, 3, 4)
        spool.done([4])
        spool.done([1])
        spool.close()

        after = make()
        assert len(after) == 2
        assert rest(after) == [2, 3]

    def test_says_which_number_comes_next(self, fill, path):
        fill(5, 9).close()

        assert Spool(Folder(path)).recover() == 10

    def test_makes_nothing_where_there_is_nothing(self, make, tmp_path):
        make()

        assert list(tmp_path.iterdir()) == []

    def test_sends_again_when_the_cursor_is_damaged(self, fill, make, path):
        spool = fill(1, 2)
        spool.done([1])
        spool.close()
        (path / "cursor").write_bytes(b"\x00" * 20)

        assert rest(make()) == [1, 2]

    def test_passes_over_a_torn_last_line(self, fill, make, path, sample):
        fill(1, 2).close()
        with segments(path)[0].open("r+b") as file:
            file.truncate(file.seek(0, os.SEEK_END) - 5)
        after = make()
        after.append(sample(3))

        assert rest(after) == [1, 3]
        after.done([1, 3])
        assert after.dropped == {"corrupt": 1}
        assert len(after) == 0

    def test_sets_a_segment_aside_that_cannot_be_read(self, fill, make, path):
        fill(2).close()
        (path / f"{1:016d}.seg").mkdir()

        after = make()
        assert rest(after) == [2]
        assert (path / f"{1:016d}.bad").exists()


class TestDone:
    def test_deletes_the_files_when_all_is_sent(self, fill, path):
        spool = fill(1, 2, 3)
        spool.done([1, 2, 3])

        assert spool.is_empty
        assert [file.name for file in path.iterdir()] == ["lock"]

    def test_deletes_a_segment_when_it_is_passed(self, make, sample, path):
        spool = make(limits=Limits(segment_bytes=300))
        for number in range(1, 8):
            spool.append(sample(number))
        spool.done(rest(spool)[:4])

        assert [int(file.stem) for file in segments(path)] == [4, 7]

    def test_survives_that_somebody_deletes_the_folder(self, fill, path, sample):
        spool = fill(1)
        for file in path.iterdir():
            file.unlink()
        path.rmdir()

        assert rest(spool) == []
        spool.append(sample(2))
        assert rest(spool) == [2]


class TestReject:
    def test_keeps_the_last_five(self, spool, path, sample):
        for number in range(1, 9):
            spool.reject([sample(number)])

        kept = sorted(int(file.stem) for file in (path / "rejected").iterdir())
        assert kept == [4, 5, 6, 7, 8]
