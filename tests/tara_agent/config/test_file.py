"""The file of settings."""

import os
from pathlib import Path

import pytest

from tara_agent import config as config_module
from tara_agent import paths
from tara_agent.collectors.choice import Choice
from tara_agent.collectors.options import Options
from tara_agent.config import token_of
from tara_agent.errors import ConfigError
from tara_agent.settings import SETTINGS


class TestFile:
    def test_holds_every_setting(self, config_from, write, secret, tmp_path):
        path = write(
            f'token = "{secret}"\nserver_url = "https://tara.example.org/"\n'
            f'interval_seconds = 30\nspool_dir = "none"\nca_file = "{__file__}"\n'
            'proxy_url = "http://me:pw@proxy:3128"\nallow_http = true\n'
            'mounts_include = ["/"]\nmounts_exclude = ["/mnt/*"]\n'
            'devices_include = ["sd*"]\ndevices_exclude = ["sdz"]\n'
            'interfaces_include = ["eth0"]\ninterfaces_exclude = ["eth1"]\n'
            'textfile_dir = "/srv/numbers"\ncollectors_exclude = ["systemd"]\n'
        )

        config = config_from({"AGENT_CONFIG": str(path)})

        assert config == config_module.Config(
            server_url="https://tara.example.org",
            interval_seconds=30,
            spool_path=None,
            token=config.token,
            ca_file=Path(__file__),
            proxy_url="http://me:pw@proxy:3128",
            allow_http=True,
            options=Options(
                mounts=Choice.of(["/"], ["/mnt/*"]),
                devices=Choice.of(["sd*"], ["sdz"]),
                interfaces=Choice.of(["eth0"], ["eth1"]),
                textfile_path=Path("/srv/numbers"),
                off=frozenset({"systemd"}),
            ),
            path=path,
        )
        assert len(SETTINGS) == 15, "this test is about all of them"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("server_ulr = 1", r"`server_ulr` in .*config\.toml .*mean `server_url`\?"),
            ("token_fil = 1", r"Did you mean `token_file`\?"),
            ("colour = 1", "The settings are: token, server_url, "),
            ("server_url_file = 1", "is no setting"),
            ("[agent]", "`agent` in .* is no setting"),
            ('interval_seconds = "10"', "interval_seconds in .*is '10'. Write a whole number"),
            ("interval_seconds = true", "is 'True'. Write a whole number"),
            ("interval_seconds = 10.0", "Write a whole number"),
            ("interval_seconds = 0", "from 1 to 900"),
            ("server_url = 8080", "server_url in .* is a int. Write a text in quotes"),
            ('spool_dir = ""', "spool_dir in .* is empty"),
            ("allow_http = 1", "Write true or false"),
            ('mounts_exclude = "/mnt"', "mounts_exclude in .* is no list of names"),
            ("mounts_exclude = [1]", "is no list of names"),
            ("mounts_exclude = []", "is no list of names"),
            ('collectors_exclude = ["proceses"]', "no collector. Did you mean processes"),
            ('collectors_exclude = ["colour"]', "They are: cpu, load, "),
            ('ca_file = "/nowhere.pem"', "ca_file in .* names /nowhere.pem, which is no file"),
            ('token = "x"\ntoken_file = "y"', "token and token_file are both set in "),
            ("token = ", r"config.toml is not TOML: Invalid value"),
            ("#" * 70_000, "more than 64 KiB"),
        ],
        ids=lambda text: text[:20],
    )
    def test_that_is_wrong_is_explained(self, config_from, write, line, told):
        path = write(line)

        with pytest.raises(ConfigError, match=told):
            config_from({"AGENT_CONFIG": str(path)})

    def test_that_is_named_must_be_there(self, config_from):
        with pytest.raises(ConfigError, match=r"AGENT_CONFIG names /nowhere.*No such file"):
            config_from({"AGENT_CONFIG": "/nowhere"})
        with pytest.raises(ConfigError, match=r"--config names /nowhere"):
            config_from({}, {"config": "/nowhere"})

    def test_need_not_be_in_the_usual_places(self, monkeypatch, tmp_path):
        monkeypatch.setattr(paths, "config_files", lambda environ: [tmp_path / "a", tmp_path / "b"])
        (tmp_path / "b").write_text("interval_seconds = 5")

        assert config_module.config_from({}).interval_seconds == 5
        assert config_module.config_from({}).path == tmp_path / "b"

    @pytest.mark.skipif(os.name == "nt", reason="Windows says in another way who may read")
    def test_with_a_secret_that_all_can_read_is_warned_of(self, config_from, write, secret):
        path = write(f'token = "{secret}"', 0o644)

        (warning,) = config_from({"AGENT_CONFIG": str(path)}).warnings

        assert "chmod 600" in warning
        assert str(path) in warning

    def test_without_a_secret_may_be_read_by_all(self, config_from, write):
        path = write("interval_seconds = 5", 0o644)

        assert config_from({"AGENT_CONFIG": str(path)}).warnings == ()

    def test_in_a_usual_place_that_cannot_be_read_stops_nobody(self, monkeypatch, tmp_path):
        (tmp_path / "config.toml").mkdir()  # which no user can read as a file
        monkeypatch.setattr(paths, "config_files", lambda environ: [tmp_path / "config.toml"])

        config = config_module.config_from({})

        assert "cannot be read (Is a directory) and is left out" in config.warnings[0]
        with pytest.raises(ConfigError, match=r"AGENT_TOKEN is not set.*left out"):
            token_of(config)
