"""The folder for samples in an outage, and the collectors."""

import os
import threading

import pytest

from tara_agent.collectors.registry import default_collectors, default_watch
from tara_agent.doctor import machine
from tara_agent.doctor.findings import State
from tara_agent.spool.folder import Space

PLENTY = Space(total_bytes=10**12, free_bytes=10**12)


class TestExamineSpool:
    def test_takes_a_folder_that_can_be_made(self, tmp_path):
        found = machine.examine_spool(tmp_path / "state/spool", PLENTY)

        assert found.state is State.GOOD
        assert found.seen.endswith("can be made when it is needed")
        assert list(tmp_path.iterdir()) == []

    def test_takes_one_that_is_there(self, tmp_path):
        assert machine.examine_spool(tmp_path, PLENTY).seen == str(tmp_path)

    def test_says_when_there_is_none(self):
        assert machine.examine_spool(None).state is State.ODD

    def test_says_when_it_cannot_be_written(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "access", lambda path, mode: False)  # tests may be run by root

        found = machine.examine_spool(tmp_path / "spool", PLENTY)

        assert found.state is State.FAILED
        assert str(tmp_path) in found.seen

    def test_says_when_a_file_is_in_its_place(self, tmp_path):
        (tmp_path / "spool").write_text("")

        assert machine.examine_spool(tmp_path / "spool", PLENTY).state is State.FAILED

    def test_says_when_the_disk_is_full(self, tmp_path):
        found = machine.examine_spool(tmp_path, Space(10 * 2**30, 100 * 2**20))

        assert found.state is State.FAILED
        assert "100 MiB free, and 512 are left to others" in found.seen


class Named:
    """A collector that does what a test says."""

    def __init__(self, name, collect):
        self.name = name
        self._collect = collect

    def collect(self, now):
        return self._collect()


def failing():
    raise PermissionError(13, "Permission denied")


class TestExamineCollectors:
    def test_finds_nothing_wrong_here(self):
        found = list(machine.examine_collectors(default_collectors()))

        assert {finding.state for finding in found} == {State.GOOD}
        assert len(found) == len(default_collectors())

    def test_looks_at_the_processes_too(self):
        (found,) = machine.examine_collectors([machine.Watched(default_watch())])

        assert found.subject == "collector processes"
        assert int(found.seen.split()[0]) >= 1

    @pytest.mark.parametrize(
        ("collect", "state", "seen"),
        [
            (lambda: {"a": 1.0, "b": {"x": 1.0, "y": 2.0}}, State.GOOD, "3 values"),
            (lambda: {"a": 1.0}, State.GOOD, "1 value"),
            (dict, State.GOOD, "nothing of its kind on this machine"),
            (failing, State.FAILED, "PermissionError: [Errno 13] Permission denied"),
        ],
        ids=["some", "one", "none", "failing"],
    )
    def test_counts_what_is_measured(self, collect, state, seen):
        (found,) = machine.examine_collectors([Named("it", collect)])

        assert (found.subject, found.state, found.seen) == ("collector it", state, seen)

    def test_waits_for_none_that_hangs(self, monkeypatch):
        monkeypatch.setattr(machine, "COLLECTORS_SECONDS", 0.5)
        released = threading.Event()
        hanging = Named("hanging", lambda: released.wait(20) and {})

        found = list(machine.examine_collectors([hanging, Named("it", lambda: {"a": 1.0})]))
        released.set()

        assert [finding.state for finding in found] == [State.FAILED, State.GOOD]
        assert found[0].seen == "no answer within 0 s"
