"""Numbers of one's own, from files in Prometheus text format."""

import os

import pytest

from tara_agent.collectors.exposition import BadLine, Line, parse_line
from tara_agent.collectors.textfiles import (
    FILE_BYTES_MAXIMUM,
    SERIES_MAXIMUM,
    STALE_SECONDS,
    TextfileCollector,
)

NOW = 1_700_000_000.0


class TestParseLine:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("queue_length 5", Line("queue_length", "", 5)),
            ("  queue_length\t5.5  1700000000000 ", Line("queue_length", "", 5.5)),
            ('jobs{state="done"} 3', Line("jobs", "done", 3)),
            ('jobs{state="done",} 3', Line("jobs", "done", 3)),
            ('jobs{b="2", a="1"} 3', Line("jobs", "a=1,b=2", 3)),
            ('jobs{a="x\\"y\\\\z, }"} 3', Line("jobs", 'x"y\\z, }', 3)),
            ("Jobs:Done_total 1e3", Line("jobs_done_total", "", 1000)),
            ("_private 1", Line("private", "", 1)),
            ("jobs{} 1", Line("jobs", "", 1)),
        ],
    )
    def test_reads_a_value(self, text, line):
        assert parse_line(text) == line

    @pytest.mark.parametrize("text", ["", "   ", "# HELP jobs Jobs.", "# TYPE jobs gauge", "#"])
    def test_passes_over_comments(self, text):
        assert parse_line(text) is None

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("queue_length", "of the form"),
            ("queue length 5 6 7", "of the form"),
            ("5 queue", "of the form"),
            ("jobs{state=done} 3", "labels"),
            ('jobs{state="done"x} 3', "labels"),
            ("jobs five", "no number"),
            ("_1 5", "name"),
            ("x" * 65 + " 5", "name"),
            ("cpu_percent 5", "measures itself"),
            ("CPU_percent 5", "measures itself"),
            ("a" * 5000, "of the form"),
        ],
    )
    def test_says_what_is_wrong(self, text, reason):
        with pytest.raises(BadLine, match=reason):
            parse_line(text)


@pytest.fixture
def write(tmp_path):
    def write(name, text, *, age_seconds=0.0):
        path = tmp_path / name
        path.write_text(text)
        os.utime(path, (NOW - age_seconds, NOW - age_seconds))
        return path

    return write


@pytest.fixture
def collector(tmp_path):
    return TextfileCollector(tmp_path, lambda: NOW)


def complaints(caplog):
    return [record.getMessage().rpartition("/")[2] for record in caplog.records]


class TestTextfileCollector:
    def test_sends_what_the_files_hold(self, write, collector):
        write("backup.prom", "# TYPE backup_age_seconds gauge\nbackup_age_seconds 90\n")
        write("queue.prom", 'queue_length{queue="mail"} 3\nqueue_length{queue="web"} 0\n')
        write("notes.txt", "not_ours 1\n")

        assert collector.collect(0.0) == {
            "backup_age_seconds": 90,
            "queue_length": {"mail": 3, "web": 0},
        }

    def test_reads_a_file_when_it_has_changed(self, write, collector):
        write("a.prom", "jobs 1\n")
        collector.collect(0.0)
        write("a.prom", "jobs 22\n")

        assert collector.collect(10.0) == {"jobs": 22}

    def test_forgets_a_file_that_is_gone(self, write, collector):
        path = write("a.prom", "jobs 1\n")
        collector.collect(0.0)
        path.unlink()

        assert collector.collect(10.0) == {}

    def test_a_bad_line_costs_itself_and_is_told_once_with_its_place(
        self, write, collector, caplog
    ):
        write("a.prom", "jobs 1\nnonsense\nmore nonsense here\nusers 2\n")

        for now in range(5):
            assert collector.collect(now) == {"jobs": 1, "users": 2}

        assert complaints(caplog) == [
            'a.prom line 2 is not of the form `name{label="text"} value`; it is left out'
        ]

    def test_tells_of_another_bad_line_when_a_file_has_changed(self, write, collector, caplog):
        write("a.prom", "nonsense\n")
        collector.collect(0.0)
        write("a.prom", "jobs 1\nnonsense\n")
        collector.collect(10.0)

        assert [text[:13] for text in complaints(caplog)] == ["a.prom line 1", "a.prom line 2"]

    @pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
    def test_leaves_out_what_is_no_number_without_a_word(self, write, collector, caplog, value):
        write("a.prom", f"jobs {value}\n")

        assert collector.collect(0.0) == {}
        assert not caplog.records

    def test_leaves_out_a_file_that_nobody_writes_any_more(self, write, collector, caplog):
        write("old.prom", "jobs 1\n", age_seconds=STALE_SECONDS + 1)
        write("yesterday.prom", "users 1\n", age_seconds=86_400)

        for now in range(3):
            assert collector.collect(now) == {"users": 1}

        assert len(complaints(caplog)) == 1
        assert "25 hours" in complaints(caplog)[0]

    def test_leaves_out_a_file_that_is_too_large(self, write, collector, caplog):
        write("a.prom", "#" * (FILE_BYTES_MAXIMUM + 1))

        assert collector.collect(0.0) == {}
        assert "larger than" in complaints(caplog)[0]

    def test_does_not_hang_on_a_pipe(self, tmp_path, collector, caplog):
        os.mkfifo(tmp_path / "a.prom")

        assert collector.collect(0.0) == {}
        assert "no file" in complaints(caplog)[0]

    def test_sends_no_more_than_fits(self, write, collector, caplog):
        lines = [f'jobs{{n="{n}"}} 1' for n in range(SERIES_MAXIMUM + 50)]
        write("a.prom", "\n".join(lines))

        assert len(collector.collect(0.0)["jobs"]) == SERIES_MAXIMUM
        assert "goes beyond" in complaints(caplog)[0]

    @pytest.mark.parametrize("second", ["jobs 2", 'jobs{a="1"} 2'], ids=["the same", "with labels"])
    def test_takes_a_series_once(self, write, collector, caplog, second):
        write("a.prom", "jobs 1\n")
        write("b.prom", f"{second}\n")

        assert collector.collect(0.0) == {"jobs": 1}
        assert len(complaints(caplog)) == 1
        assert complaints(caplog)[0].startswith("b.prom")

    def test_says_once_that_there_is_no_folder(self, tmp_path, caplog):
        collector = TextfileCollector(tmp_path / "none")

        assert collector.collect(0.0) == collector.collect(1.0) == {}
        assert len(complaints(caplog)) == 1

    def test_goes_on_when_the_folder_comes(self, tmp_path, caplog):
        collector = TextfileCollector(tmp_path / "later")
        collector.collect(0.0)
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "a.prom").write_text("jobs 1\n")

        assert collector.collect(1.0) == {"jobs": 1}
