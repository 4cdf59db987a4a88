"""The file of settings, written."""

import os

import pytest

from tara_agent import config_file
from tara_agent.errors import ConfigError


class TestUpdate:
    def test_makes_a_file_for_its_owner_alone(self, config_from, tmp_path, secret):
        path = tmp_path / "etc/tara-agent/config.toml"

        config_file.update(path, {"token": secret, "server_url": "http://server"})

        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in path.parent.iterdir()] == ["config.toml"]
        assert config_from({"AGENT_CONFIG": str(path)}).token.secret == secret

    def test_leaves_other_lines_alone(self, write):
        path = write('# mine\nserver_url = "http://old"\n\ninterval_seconds = 30 # slow\n', 0o644)

        config_file.update(path, {"server_url": "http://new"})

        assert path.read_text() == (
            'server_url = "http://new"\n# mine\n\ninterval_seconds = 30 # slow\n'
        )
        assert path.stat().st_mode & 0o777 == 0o600

    def test_writes_before_a_table(self, write):
        path = write("[later]\nkey = 1\n")

        config_file.update(path, {"interval_seconds": 5})

        assert config_file.read(path) == {"interval_seconds": 5, "later": {"key": 1}}

    @pytest.mark.parametrize(
        "value",
        ["plain", 'quo"te', "back\\slash", "C:\\new", "é", True, 0, ["/mnt/*", 'a"b'], []],
        ids=repr,
    )
    def test_is_read_back_as_it_was(self, tmp_path, value):
        config_file.update(tmp_path / "config.toml", {"key": value})

        assert config_file.read(tmp_path / "config.toml") == {"key": value}

    def test_changes_nothing_that_it_does_not_understand(self, write):
        text = 'token = """\nnever\n"""\n'
        path = write(text)

        with pytest.raises(ConfigError, match="Take the lines of token out"):
            config_file.update(path, {"token": "new"})
        assert path.read_text() == text

    def test_leaves_the_old_file_where_it_fails(self, write, monkeypatch):
        path = write("interval_seconds = 5\n")

        def full(descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            config_file.update(path, {"interval_seconds": 6})

        assert [file.name for file in path.parent.iterdir()] == ["config.toml"]
        assert path.read_text() == "interval_seconds = 5\n"

    def test_writes_no_control_character(self, tmp_path):
        with pytest.raises(ConfigError, match="printable"):
            config_file.update(tmp_path / "config.toml", {"server_url": "http://a\nb"})
