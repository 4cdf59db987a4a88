"""Where the agent has its files."""

import os
from pathlib import Path

import pytest

from tara_agent import paths


class TestPaths:
    def test_of_the_machine_are_those_its_system_has(self):
        def last(platform):
            return paths.config_files({"PROGRAMDATA": "P:"}, platform)[-1].as_posix()

        assert last("linux") == "/etc/tara-agent/config.toml"
        assert last("freebsd14") == "/etc/tara-agent/config.toml"
        assert last("darwin") == "/Library/Application Support/tara-agent/config.toml"
        assert last("win32") == "P:/tara-agent/config.toml"

    @pytest.mark.skipif(os.name == "nt", reason="no users by number there")
    def test_of_a_user_come_first(self, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 1000)

        first = paths.config_files({"XDG_CONFIG_HOME": "/home/me/.config"}, "linux")[0]

        assert first == Path("/home/me/.config/tara-agent/config.toml")

    @pytest.mark.skipif(os.name == "nt", reason="no users by number there")
    def test_of_what_is_kept_need_a_home(self, monkeypatch):
        def homeless():
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        monkeypatch.setattr(Path, "home", homeless)

        assert paths.state_folder({}, "linux") is None
        assert paths.state_folder({"XDG_STATE_HOME": "/x"}, "linux") == Path("/x/tara-agent")
