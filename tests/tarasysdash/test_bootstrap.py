"""Set-up before anything is installed: what it says when it cannot go on."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path) -> ModuleType:
    """The script as a module, with a log of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "scripts" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.LOG = tmp_path / "setup.log"
    return module


class TestCheckPython:
    @pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
    def test_takes_what_the_locks_are_made_for(self, bootstrap, version):
        bootstrap.check_python(version)

    @pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 14), (4, 0)])
    def test_says_which_python_is_needed_and_how_to_name_it(self, bootstrap, version):
        with pytest.raises(bootstrap.SetupFailed, match=r"3\.11 to 3\.13.*PYTHON=python3"):
            bootstrap.check_python(version)


class TestMakeVenv:
    @pytest.fixture
    def made(self, bootstrap, tmp_path) -> Path:
        """A .venv that this Python made, as far as can be told."""
        bootstrap.VENV = tmp_path / ".venv"
        bootstrap.PYTHON = bootstrap.VENV / "bin" / "python"
        bootstrap.PYTHON.parent.mkdir(parents=True)
        bootstrap.PYTHON.touch()
        version = f"{sys.version_info[0]}.{sys.version_info[1]} {sys.base_prefix}"
        (bootstrap.VENV / "made-with").write_text(version)
        return bootstrap.VENV

    def test_leaves_what_the_same_python_made_even_from_within_a_venv(self, bootstrap, made):
        assert sys.prefix != sys.base_prefix

        bootstrap.make_venv()

        assert bootstrap.PYTHON.read_bytes() == b""

    def test_makes_what_another_python_made_anew(self, bootstrap, made, capsys):
        (made / "made-with").write_text("3.10 /usr")

        bootstrap.make_venv()

        assert bootstrap.PYTHON.stat().st_size > 0
        assert "Making .venv" in capsys.readouterr().out


class TestRun:
    def test_says_where_the_whole_story_is(self, bootstrap):
        command = [sys.executable, "-c", "print('the cause'); raise SystemExit(3)"]

        with pytest.raises(bootstrap.SetupFailed, match=r"It failed\. .*setup\.log"):
            bootstrap.run(command, "It failed")
        assert "the cause" in bootstrap.LOG.read_text()

    def test_says_what_cannot_be_started(self, bootstrap, tmp_path):
        with pytest.raises(bootstrap.SetupFailed, match="It failed: "):
            bootstrap.run([str(tmp_path / "none")], "It failed")


class TestNpmCommand:
    def test_takes_the_npm_on_path_if_it_is_new_enough(self, bootstrap, monkeypatch, tmp_path):
        npm = tmp_path / "npm"
        npm.write_text("#!/bin/sh\necho 10.2.0\n")
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

        assert bootstrap.npm_command() == [str(npm)]

    def test_takes_the_one_from_pypi_where_there_is_none(self, bootstrap, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        installed = []
        monkeypatch.setattr(bootstrap, "pip", installed.append)

        command = bootstrap.npm_command()

        assert installed == [["install", "--require-hashes", "-r", "requirements-node.txt"]]
        assert command == [str(bootstrap.PYTHON), "-c", bootstrap.RUN_NPM]


class TestMain:
    def test_ends_with_one_sentence_without_network(self, tmp_path):
        """A copy of the set-up with an index that nobody serves."""
        copy = tmp_path / "copy"
        (copy / "scripts").mkdir(parents=True)
        for name in ("scripts/bootstrap.py", "requirements.txt"):
            (copy / name).write_text((ROOT / name).read_text())
        environment = {
            "PATH": "/usr/bin:/bin",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
        }

        done = subprocess.run(
            [sys.executable, "scripts/bootstrap.py"],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "check the network" in done.stderr
