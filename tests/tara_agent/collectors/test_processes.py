"""The processes that use most."""

import os
import time

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.processes import (
    TOP,
    Process,
    ProcessFiles,
    ProcessWatch,
)

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def process(pid, *, cpu=0.0, memory=0, started=0, name=""):
    return Process(pid, started, cpu, memory, name or f"p{pid}")


class Machine:
    """Processes that a test changes; a walk of them costs so much."""

    def __init__(self, *processes, walk_seconds=0.0):
        self.processes = list(processes)
        self.walks = 0
        self.cpu = 0.0
        self.walk_seconds = walk_seconds

    def walk(self):
        self.walks += 1
        self.cpu += self.walk_seconds
        return self.processes

    def watch(self):
        return ProcessWatch(self.walk, cpu_clock=lambda: self.cpu)


class TestTop:
    def look(self, before, after, *, seconds=10.0):
        machine = Machine(*before)
        watch = machine.watch()
        assert watch.look(0.0) == []
        machine.processes = after
        return watch.look(seconds)

    def test_tells_the_share_of_a_core_since_the_last_walk(self):
        told = self.look([process(7, cpu=100.0, memory=5)], [process(7, cpu=115.0, memory=6)])

        assert told == [{"pid": 7, "name": "p7", "cpu_percent": 150.0, "memory_bytes": 6}]

    def test_has_the_busiest_and_the_largest_each_once(self):
        busy = [process(pid, cpu=pid) for pid in range(1, 9)]
        large = [process(100 + pid, memory=pid) for pid in range(1, 9)]
        both = process(50, cpu=50, memory=50)

        told = self.look([], [*busy, *large, both])

        assert [each["pid"] for each in told] == [50, 8, 7, 6, 5, 108, 107, 106, 105]
        assert len(told) == 2 * TOP - 1

    def test_leaves_out_what_uses_nothing(self):
        assert self.look([process(1, cpu=5)], [process(1, cpu=5)]) == []

    def test_takes_a_pid_that_was_given_anew_for_another_process(self):
        told = self.look([process(7, cpu=900, started=1)], [process(7, cpu=1, started=2)])

        assert told[0]["cpu_percent"] == 10.0

    def test_makes_names_harmless(self):
        [told] = self.look([], [process(1, memory=1, name="evil\x1b\udcff")])

        assert told["name"] == "evil??"


class TestRhythm:
    def walks(self, machine, *, every, until):
        watch = machine.watch()
        at = 0.0
        while at <= until:
            watch.look(at)
            at += every
        return machine.walks

    def test_is_a_walk_a_minute(self):
        assert self.walks(Machine(), every=10, until=600) == 2 + 9

    def test_is_a_walk_with_each_sample_while_somebody_watches(self):
        assert self.walks(Machine(), every=2, until=60) == 31

    def test_is_no_faster_than_two_seconds(self):
        assert self.walks(Machine(), every=1, until=60) == pytest.approx(31, abs=1)

    def test_costs_no_more_than_a_millisecond_in_ten_seconds_however_many_there_are(self):
        machine = Machine(walk_seconds=0.050)

        self.walks(machine, every=10, until=36_000)

        assert machine.cpu / 3_600 <= 0.001 * 1.05

    def test_costs_no_more_than_a_hundredth_of_a_core_while_somebody_watches(self):
        machine = Machine(walk_seconds=0.100)

        self.walks(machine, every=2, until=3_600)

        assert machine.cpu / 3_600 <= 0.0105


@pytest.fixture
def put(tmp_path):
    def put(pid, *, comm, cmdline="", cpu_ticks=0, pages=0, started=0):
        folder = tmp_path / str(pid)
        folder.mkdir()
        fields = ["S", *["0"] * 10, str(cpu_ticks), "0", *["0"] * 6, str(started), "0", str(pages)]
        (folder / "stat").write_text(f"{pid} ({comm}) {' '.join(fields)} 18446744073709551615 0\n")
        (folder / "cmdline").write_text(cmdline)

    return put


class TestProcessFiles:
    def test_reads_one_file_a_process(self, put, tmp_path):
        put(42, comm="a (b) c", cpu_ticks=3 * TICKS, pages=10, started=77)
        (tmp_path / "net").mkdir()

        assert list(ProcessFiles(tmp_path).walk()) == [
            Process(42, 77, pytest.approx(3.0), 10 * PAGE, "a (b) c")
        ]

    def test_passes_over_what_has_ended(self, put, tmp_path):
        (tmp_path / "1").mkdir()
        (tmp_path / "2").mkdir()
        (tmp_path / "2" / "stat").write_text("2 (x) S 1")

        assert list(ProcessFiles(tmp_path).walk()) == []

    @pytest.mark.parametrize(
        ("comm", "cmdline", "name"),
        [
            ("postgres", "/usr/bin/other\0", "postgres"),
            ("systemd-journal", "/lib/systemd/systemd-journald\0", "systemd-journald"),
            ("a-kernel-thread", "", "a-kernel-thread"),
            ("gunicorn: maste", "gunicorn: master --secret\0", "gunicorn: maste"),
        ],
        ids=["short", "cut", "kernel", "its own title"],
    )
    def test_mends_a_name_that_the_kernel_cut_without_telling_arguments(
        self, put, tmp_path, comm, cmdline, name
    ):
        put(1, comm=comm, cmdline=cmdline)
        files = ProcessFiles(tmp_path)

        assert [files.full_name(each) for each in files.walk()] == [name]


@pytest.mark.parametrize(
    "make",
    [lambda: ProcessWatch(by_psutil.walk), ProcessWatch.for_linux],
    ids=["psutil", "of /proc"],
)
def test_finds_this_process_busy(make):
    watch = make()
    watch.look(0.0)
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass

    told = {each["pid"]: each for each in watch.look(1.0)}

    assert told[os.getpid()]["cpu_percent"] >= 20
    assert told[os.getpid()]["memory_bytes"] > 1_000_000


def test_agrees_with_psutil():
    of_psutil = {each.pid: each for each in by_psutil.walk()}

    [mine] = [each for each in ProcessWatch.for_linux()._walk() if each.pid == os.getpid()]

    assert mine.cpu_seconds == pytest.approx(of_psutil[os.getpid()].cpu_seconds, abs=0.5)
    assert mine.memory_bytes == pytest.approx(of_psutil[os.getpid()].memory_bytes, rel=0.2)
