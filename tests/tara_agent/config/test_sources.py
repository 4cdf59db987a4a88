"""Settings from flags, environment and file, and which of them weighs more."""

from pathlib import Path

import pytest

from tara_agent.errors import ConfigError


class TestWeight:
    def test_is_the_flags_then_the_environments_then_the_files(self, config_from, write):
        path = write('server_url = "http://file"\ninterval_seconds = 1\nspool_dir = "/file"\n')
        environ = {"AGENT_CONFIG": str(path), "SERVER_URL": "http://env", "AGENT_SPOOL_DIR": "/env"}

        config = config_from(environ, {"server_url": "http://flag", "spool_dir": None})

        assert config.server_url == "http://flag"
        assert config.spool_path == Path("/env")
        assert config.interval_seconds == 1
        assert config.path == path

    def test_of_a_token_does_not_depend_on_its_form(self, config_from, write, secret, tmp_path):
        path = write('token = "one that is not even looked at"\n')
        (tmp_path / "token").write_text(secret)

        config = config_from(
            {"AGENT_CONFIG": str(path), "AGENT_TOKEN_FILE": str(tmp_path / "token")}
        )

        assert config.token.secret == secret

    def test_of_the_file_that_a_flag_names_is_more_than_the_variables(self, config_from, write):
        path = write("interval_seconds = 7\n")

        config = config_from({"AGENT_CONFIG": "/nowhere"}, {"config": str(path)})

        assert config.interval_seconds == 7

    def test_an_empty_variable_has_none(self, config_from, write):
        path = write("interval_seconds = 7\n")

        config = config_from({"AGENT_CONFIG": str(path), "AGENT_INTERVAL_SECONDS": " "})

        assert config.interval_seconds == 7

    def test_parts_names_by_commas(self, config_from):
        environ = {"AGENT_MOUNTS_EXCLUDE": "/mnt/*, /srv", "AGENT_COLLECTORS_EXCLUDE": "fans"}

        options = config_from({**environ, "AGENT_CONFIG": "none"}).options

        assert not options.mounts.takes("/mnt/a", by_default=True)
        assert not options.mounts.takes("/srv", by_default=True)
        assert options.mounts.takes("/", by_default=True)
        assert options.off == {"fans"}


class TestEnvironment:
    @pytest.mark.parametrize(
        ("slip", "meant"),
        [
            ("AGENT_TOKENS", "AGENT_TOKEN"),
            ("AGENT_INTERVAL_SECOND", "AGENT_INTERVAL_SECONDS"),
            ("AGENT_SPOOLDIR", "AGENT_SPOOL_DIR"),
        ],
    )
    def test_that_is_nearly_ours_is_refused(self, config_from, slip, meant):
        with pytest.raises(ConfigError, match=rf"{slip} is no setting.* mean {meant}\?"):
            config_from({slip: "x"})

    def test_of_others_is_none_of_our_business(self, config_from):
        names = ("AGENT_ID", "AGENT_NAME", "AGENT_OS", "AGENT_VERSION", "AGENT_JOBSTATUS")

        assert config_from(dict.fromkeys(names, "x")).interval_seconds == 10


class TestFlags:
    def test_are_texts(self, config_from):
        config = config_from({}, {"interval_seconds": "15", "allow_http": "yes", "spool_dir": "/x"})

        assert (config.interval_seconds, config.allow_http) == (15, True)
        assert config.spool_path == Path("/x")

    def test_are_named_in_errors(self, config_from):
        with pytest.raises(ConfigError, match="--interval-seconds is '1000'"):
            config_from({}, {"interval_seconds": "1000"})

    def test_name_the_file_of_a_secret_only(self, config_from, secret, tmp_path):
        (tmp_path / "token").write_text(secret)

        config = config_from({}, {"token": "ignored", "token_file": str(tmp_path / "token")})

        assert config.token.secret == secret
