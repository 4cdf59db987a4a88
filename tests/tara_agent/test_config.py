"""Settings from flags, environment and file."""

import os
from pathlib import Path

import pytest

from tara_agent import config as config_module
from tara_agent import config_file, paths
from tara_agent.collectors.choice import Choice
from tara_agent.collectors.options import Options
from tara_agent.config import token_of
from tara_agent.errors import ConfigError
from tara_agent.settings import SETTINGS


def config_from(environ, flags=config_module.NO_FLAGS):
    """Read no file but the one that is named, whatever this machine has."""
    return config_module.config_from({"AGENT_CONFIG": "none"} | environ, flags)


@pytest.fixture
def write(tmp_path):
    """Write a file of settings for its owner alone; return its path."""

    def write(text, mode=0o600):
        path = tmp_path / "config.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


class TestConfigFrom:
    def test_needs_a_token_only(self, secret):
        config = config_from({"AGENT_TOKEN": f" {secret}\n"})

        assert config.token.secret == secret
        assert config.server_url == "http://localhost:8080"
        assert config.interval_seconds == 10

    def test_says_how_to_get_a_token(self):
        with pytest.raises(ConfigError, match=r"manage\.py gen_token --agent-id NAME"):
            token_of(config_from({}))

    def test_reads_the_token_from_a_file(self, secret, tmp_path):
        path = tmp_path / "token"
        path.write_text(secret + "\n")

        assert config_from({"AGENT_TOKEN_FILE": str(path)}).token.secret == secret

    def test_names_a_token_file_that_is_not_there(self, tmp_path):
        with pytest.raises(ConfigError, match=r"nowhere.*cannot be read.*No such file"):
            config_from({"AGENT_TOKEN_FILE": str(tmp_path / "nowhere")})

    def test_names_a_token_file_that_is_not_text(self, tmp_path):
        path = tmp_path / "token"
        path.write_bytes(b"\xff\xfe")

        with pytest.raises(ConfigError, match="not text"):
            config_from({"AGENT_TOKEN_FILE": str(path)})

    def test_takes_one_source_of_the_token(self, secret):
        with pytest.raises(ConfigError, match="both set"):
            config_from({"AGENT_TOKEN": secret, "AGENT_TOKEN_FILE": "/token"})

    def test_does_not_repeat_a_mistyped_token(self, secret):
        with pytest.raises(ConfigError, match="AGENT_TOKEN holds 53 characters") as caught:
            config_from({"AGENT_TOKEN": secret[:-1]})

        assert secret[:20] not in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("https://tara.example.org/", "https://tara.example.org"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://example.org/tara/", "https://example.org/tara"),
        ],
    )
    def test_keeps_an_address_without_its_last_slash(self, secret, given, kept):
        assert config_from({"AGENT_TOKEN": secret, "SERVER_URL": given}).server_url == kept

    @pytest.mark.parametrize(
        "url",
        [
            "server:8080",
            "ftp://server",
            "http://",
            "http://[::1",
            "http://server:99999",
            "//server",
        ],
    )
    def test_explains_an_address_that_is_none(self, secret, url):
        with pytest.raises(ConfigError, match=r"SERVER_URL is .* not an address"):
            config_from({"AGENT_TOKEN": secret, "SERVER_URL": url})

    @pytest.mark.parametrize("url", ["http://me:pw@server", "http://server?a=b", "http://server#a"])
    def test_takes_nothing_but_scheme_host_port_and_path(self, secret, url):
        with pytest.raises(ConfigError, match="scheme, host, port and path only"):
            config_from({"AGENT_TOKEN": secret, "SERVER_URL": url})

    @pytest.mark.parametrize("seconds", [1, 900])
    def test_takes_an_interval_within_its_bounds(self, secret, seconds):
        environ = {"AGENT_TOKEN": secret, "AGENT_INTERVAL_SECONDS": str(seconds)}

        assert config_from(environ).interval_seconds == seconds

    @pytest.mark.parametrize(
        "text", ["0", "901", "-1", "1.5", "ten", "true", "\u0661\u0660", "1" * 5000]
    )
    def test_explains_an_interval_that_is_none(self, secret, text):
        environ = {"AGENT_TOKEN": secret, "AGENT_INTERVAL_SECONDS": text}

        with pytest.raises(ConfigError, match="from 1 to 900"):
            config_from(environ)


class TestWeight:
    def test_is_the_flags_then_the_environments_then_the_files(self, write):
        path = write('server_url = "http://file"\ninterval_seconds = 1\nspool_dir = "/file"\n')
        environ = {"AGENT_CONFIG": str(path), "SERVER_URL": "http://env", "AGENT_SPOOL_DIR": "/env"}

        config = config_from(environ, {"server_url": "http://flag", "spool_dir": None})

        assert config.server_url == "http://flag"
        assert config.spool_path == Path("/env")
        assert config.interval_seconds == 1
        assert config.path == path

    def test_of_a_token_does_not_depend_on_its_form(self, write, secret, tmp_path):
        path = write('token = "one that is not even looked at"\n')
        (tmp_path / "token").write_text(secret)

        config = config_from(
            {"AGENT_CONFIG": str(path), "AGENT_TOKEN_FILE": str(tmp_path / "token")}
        )

        assert config.token.secret == secret

    def test_of_the_file_that_a_flag_names_is_more_than_the_variables(self, write):
        path = write("interval_seconds = 7\n")

        config = config_from({"AGENT_CONFIG": "/nowhere"}, {"config": str(path)})

        assert config.interval_seconds == 7

    def test_an_empty_variable_has_none(self, write):
        path = write("interval_seconds = 7\n")

        config = config_from({"AGENT_CONFIG": str(path), "AGENT_INTERVAL_SECONDS": " "})

        assert config.interval_seconds == 7

    def test_parts_names_by_commas(self):
        environ = {"AGENT_MOUNTS_EXCLUDE": "/mnt/*, /srv", "AGENT_COLLECTORS_EXCLUDE": "fans"}

        options = config_from({**environ, "AGENT_CONFIG": "none"}).options

        assert not options.mounts.takes("/mnt/a", by_default=True)
        assert not options.mounts.takes("/srv", by_default=True)
        assert options.mounts.takes("/", by_default=True)
        assert options.off == {"fans"}


class TestFile:
    def test_holds_every_setting(self, write, secret, tmp_path):
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
    def test_that_is_wrong_is_explained(self, write, line, told):
        path = write(line)

        with pytest.raises(ConfigError, match=told):
            config_from({"AGENT_CONFIG": str(path)})

    def test_that_is_named_must_be_there(self):
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
    def test_with_a_secret_that_all_can_read_is_warned_of(self, write, secret):
        path = write(f'token = "{secret}"', 0o644)

        (warning,) = config_from({"AGENT_CONFIG": str(path)}).warnings

        assert "chmod 600" in warning
        assert str(path) in warning

    def test_without_a_secret_may_be_read_by_all(self, write):
        path = write("interval_seconds = 5", 0o644)

        assert config_from({"AGENT_CONFIG": str(path)}).warnings == ()

    def test_in_a_usual_place_that_cannot_be_read_stops_nobody(self, monkeypatch, tmp_path):
        (tmp_path / "config.toml").mkdir()  # which no user can read as a file
        monkeypatch.setattr(paths, "config_files", lambda environ: [tmp_path / "config.toml"])

        config = config_module.config_from({})

        assert "cannot be read (Is a directory) and is left out" in config.warnings[0]
        with pytest.raises(ConfigError, match=r"AGENT_TOKEN is not set.*left out"):
            token_of(config)


class TestEnvironment:
    @pytest.mark.parametrize(
        ("slip", "meant"),
        [
            ("AGENT_TOKENS", "AGENT_TOKEN"),
            ("AGENT_INTERVAL_SECOND", "AGENT_INTERVAL_SECONDS"),
            ("AGENT_SPOOLDIR", "AGENT_SPOOL_DIR"),
        ],
    )
    def test_that_is_nearly_ours_is_refused(self, slip, meant):
        with pytest.raises(ConfigError, match=rf"{slip} is no setting.* mean {meant}\?"):
            config_from({slip: "x"})

    def test_of_others_is_none_of_our_business(self):
        names = ("AGENT_ID", "AGENT_NAME", "AGENT_OS", "AGENT_VERSION", "AGENT_JOBSTATUS")

        assert config_from(dict.fromkeys(names, "x")).interval_seconds == 10


class TestFlags:
    def test_are_texts(self):
        config = config_from({}, {"interval_seconds": "15", "allow_http": "yes", "spool_dir": "/x"})

        assert (config.interval_seconds, config.allow_http) == (15, True)
        assert config.spool_path == Path("/x")

    def test_are_named_in_errors(self):
        with pytest.raises(ConfigError, match="--interval-seconds is '1000'"):
            config_from({}, {"interval_seconds": "1000"})

    def test_name_the_file_of_a_secret_only(self, secret, tmp_path):
        (tmp_path / "token").write_text(secret)

        config = config_from({}, {"token": "ignored", "token_file": str(tmp_path / "token")})

        assert config.token.secret == secret


class TestSecrets:
    def test_stay_out_of_messages(self):
        with pytest.raises(ConfigError, match="AGENT_PROXY_URL is not shown here") as caught:
            config_from({"AGENT_PROXY_URL": "me:hunter2@proxy"})

        assert "hunter2" not in str(caught.value)


class TestUpdate:
    def test_makes_a_file_for_its_owner_alone(self, tmp_path, secret):
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
