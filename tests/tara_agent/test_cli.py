"""The command line, in this process."""

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from tara_agent import cli
from tara_agent.catalogue import DECIMALS
from tara_agent.version import VERSION


@pytest.fixture
def bare_environment(monkeypatch):
    for name in ("AGENT_TOKEN", "AGENT_TOKEN_FILE", "SERVER_URL", "AGENT_INTERVAL_SECONDS"):
        monkeypatch.delenv(name, raising=False)


class TestOnce:
    @pytest.fixture
    def values(self, bare_environment, monkeypatch, capsys):
        monkeypatch.setattr(cli, "_MEASURE_SECONDS", 0.05)
        assert cli.main(["once"]) == 0
        return json.loads(capsys.readouterr().out)["values"]

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


class TestVersion:
    @pytest.mark.parametrize("arguments", [["version"], ["--version"]], ids=str)
    def test_is_printed(self, arguments, capsys):
        try:
            code = cli.main(arguments)
        except SystemExit as exit_:
            code = exit_.code

        assert code == 0
        assert capsys.readouterr().out == f"tara-agent {VERSION}\n"

    def test_is_the_packages(self):
        root = Path(cli.__file__).parents[2]
        if not (root / "pyproject.toml").exists():
            pytest.skip("tara_agent is not run from the repository")

        assert f'version = "{VERSION}"' in (root / "pyproject.toml").read_text()
        assert f" {VERSION}" in (root / "CHANGELOG.md").read_text()


class TestRun:
    def test_explains_a_missing_token(self, bare_environment, capsys):
        assert cli.main(["run"]) == cli.EXIT_CONFIG

        assert "gen_token --agent-id NAME" in capsys.readouterr().err


class TestMain:
    @pytest.mark.parametrize("arguments", [[], ["send"], ["run", "--fast"]], ids=str)
    def test_refuses_a_wrong_command_line(self, arguments, capsys):
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)

        assert exit_.value.code == cli.EXIT_USAGE
        assert "usage: tara-agent" in capsys.readouterr().err

    def test_ends_quietly_on_ctrl_c(self, monkeypatch):
        def interrupted():
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "once", interrupted)

        assert cli.main(["once"]) == 0

    def test_teaches(self, capsys):
        with pytest.raises(SystemExit):
            cli.main(["--help"])

        told = capsys.readouterr().out
        for word in ("AGENT_TOKEN", "SERVER_URL", "AGENT_INTERVAL_SECONDS", "exit codes", "once"):
            assert word in told

    def test_is_what_python_m_runs(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["tara-agent", "version"])

        with pytest.raises(SystemExit) as exit_:
            runpy.run_module("tara_agent", run_name="__main__")

        assert exit_.value.code == 0


class TestDocs:
    def test_name_every_setting(self):
        docs = Path(__file__).parents[2] / "docs/AGENT.md"

        settings = set(re.findall(r"\b(?:AGENT_[A-Z_]+|SERVER_URL)\b", cli._EPILOG))

        assert settings <= set(re.findall(r"\w+", docs.read_text()))
