"""The command line, in this process."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tara_agent import cli
from tara_agent.catalogue import DECIMALS
from tara_agent.commands import once
from tara_agent.exits import MEANINGS, Exit
from tara_agent.settings import SETTINGS
from tara_agent.version import VERSION


@pytest.fixture
def bare_environment(monkeypatch):
    for setting in SETTINGS:
        for name in (setting.variable, f"{setting.variable}_FILE"):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AGENT_CONFIG", "none")


class TestOnce:
    @pytest.fixture
    def values(self, bare_environment, monkeypatch, capsys):
        monkeypatch.setattr(once, "_MEASURE_SECONDS", 0.05)
        assert cli.main(["once", "--json"]) == 0
        (sample,) = json.loads(capsys.readouterr().out)["samples"]
        return sample["values"]

    def test_prints_a_sample_with_rates(self, values):
        assert values.keys() <= DECIMALS.keys()
        assert values.keys() >= {
            "load_1m",
            "memory_percent",
            "disk_percent",
            "network_sent_bytes_per_second",
            "uptime_seconds",
            "process_count",
        }

    def test_rounds_to_the_catalogues_decimals(self, values):
        for metric, value in values.items():
            for number in value.values() if isinstance(value, dict) else [value]:
                assert number == round(number, DECIMALS[metric])
                assert DECIMALS[metric] or isinstance(number, int)

    def test_prints_a_table_for_people(self, bare_environment, monkeypatch, capsys):
        monkeypatch.setattr(once, "_MEASURE_SECONDS", 0.05)

        assert cli.main(["once"]) == 0

        lines = capsys.readouterr().out.splitlines()
        assert [line.split() for line in lines if line.startswith(("version", "metric "))] == [
            ["version", VERSION],
            ["metric", "instance", "value"],
        ]
        assert any(line.split()[:2] == ["disk_percent", "/"] for line in lines)

    def test_explains_a_wrong_setting(self, bare_environment, capsys):
        assert cli.main(["once", "--interval-seconds", "0"]) == Exit.CONFIG

    def test_ends_quietly_when_nobody_reads_on(self, bare_environment):
        agent = [sys.executable, "-m", "tara_agent", "once", "--json"]
        with subprocess.Popen(agent, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.close()
            complaint = process.stderr.read()

        assert complaint == b""


class TestDoctor:
    def test_says_what_to_mend_and_goes_on(self, bare_environment, capsys):
        code = cli.main(["doctor", "--server-url", "http://127.0.0.1:1", "--spool-dir", "none"])

        told = capsys.readouterr().out
        assert code == Exit.UNHEALTHY
        assert "FAIL  port: 127.0.0.1 port 1 cannot be reached" in told
        assert "FAIL  token: none is set\n      -> On the server" in told
        assert "ok    collector cpu" in told
        assert "ok    collector processes" in told
        assert told.endswith("to mend: 2\n")

    def test_finds_a_good_agent_good(
        self, bare_environment, sink, secret, reply, monkeypatch, capsys
    ):
        sink.script(reply(422, {"code": "samples", "detail": "None."}))
        monkeypatch.setenv("AGENT_TOKEN", secret)
        monkeypatch.setenv("SERVER_URL", sink.url)

        assert cli.main(["doctor"]) == Exit.DONE
        told = capsys.readouterr().out
        assert "ok    token: accepted by the server" in told
        assert "ok    clock: " in told
        assert secret[12:] not in told


class TestVersion:
    @pytest.mark.parametrize("arguments", [["version"], ["--version"]], ids=str)
    def test_is_printed(self, arguments, capsys):
        try:
            code = cli.main(arguments)
        except SystemExit as exit_:
            code = exit_.code

        assert code == 0
        assert capsys.readouterr().out == f"tara-agent {VERSION}\n"


class TestRun:
    def test_explains_a_missing_token(self, bare_environment, capsys):
        assert cli.main(["run"]) == Exit.CONFIG

        assert "gen_token --agent-id NAME" in capsys.readouterr().err


class TestMain:
    @pytest.mark.parametrize(
        "arguments", [[], ["send"], ["run", "--fast"], ["run", "--server", "x"]], ids=str
    )
    def test_refuses_a_wrong_command_line(self, arguments, capsys):
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)

        assert exit_.value.code == Exit.USAGE
        assert "usage: tara-agent" in capsys.readouterr().err

    def test_ends_quietly_on_ctrl_c(self, monkeypatch):
        def interrupted(seconds):
            raise KeyboardInterrupt

        monkeypatch.setattr("time.sleep", interrupted)

        assert cli.main(["once"]) == 0

    def test_teaches(self, capsys):
        with pytest.raises(SystemExit):
            cli.main(["--help"])

        told = capsys.readouterr().out
        for word in ("AGENT_TOKEN", "SERVER_URL", "AGENT_INTERVAL_SECONDS", "exit codes", "doctor"):
            assert word in told

    def test_is_what_python_m_runs(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["tara-agent", "version"])

        with pytest.raises(SystemExit) as exit_:
            runpy.run_module("tara_agent", run_name="__main__")

        assert exit_.value.code == 0


class TestFlags:
    @pytest.mark.parametrize(
        "flag", [["--interval-seconds", "0"], ["--config", "/nowhere"]], ids=str
    )
    def test_reach_the_settings(self, bare_environment, capsys, flag):
        assert cli.main(["run", *flag]) == Exit.CONFIG

        assert flag[0] in capsys.readouterr().err

    def test_take_no_secret(self, bare_environment, secret, capsys):
        with pytest.raises(SystemExit) as exit_:
            cli.main(["run", "--token", secret])

        assert exit_.value.code == Exit.USAGE


class TestDocs:
    PAGE = Path(__file__).parents[2] / "docs/AGENT.md"

    def test_name_every_setting(self):
        rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", self.PAGE.read_text(), re.MULTILINE)

        assert rows == [(setting.variable, setting.key) for setting in SETTINGS]

    def test_name_every_exit_code(self):
        rows = re.findall(r"^\| (\d) \| (.+) \|$", self.PAGE.read_text(), re.MULTILINE)

        assert rows == [(str(int(code)), MEANINGS[code]) for code in Exit]
