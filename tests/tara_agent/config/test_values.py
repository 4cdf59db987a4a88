"""What each setting may be, and what is said where it is not."""

import pytest

from tara_agent import paths
from tara_agent.config import token_of
from tara_agent.errors import ConfigError


class TestConfigFrom:
    def test_needs_a_token_only(self, config_from, secret):
        config = config_from({"AGENT_TOKEN": f" {secret}\n"})

        assert config.token.secret == secret
        assert config.server_url == "http://localhost:8080"
        assert config.interval_seconds == 10

    def test_says_how_to_get_a_token(self, config_from):
        with pytest.raises(ConfigError, match=r"manage\.py gen_token --agent-id NAME"):
            token_of(config_from({}))

    def test_reads_the_token_from_a_file(self, config_from, secret, tmp_path):
        path = tmp_path / "token"
        path.write_text(secret + "\n")

        assert config_from({"AGENT_TOKEN_FILE": str(path)}).token.secret == secret

    def test_names_a_token_file_that_is_not_there(self, config_from, tmp_path):
        with pytest.raises(ConfigError, match=r"nowhere.*cannot be read.*No such file"):
            config_from({"AGENT_TOKEN_FILE": str(tmp_path / "nowhere")})

    def test_names_a_token_file_that_is_empty(self, config_from, tmp_path):
        (tmp_path / "token").write_text("\n")

        with pytest.raises(ConfigError, match="token, which is empty"):
            config_from({"AGENT_TOKEN_FILE": str(tmp_path / "token")})

    def test_keeps_samples_in_memory_for_a_user_without_a_home(self, config_from, monkeypatch):
        monkeypatch.setattr(paths, "state_folder", lambda environ: None)

        config = config_from({})

        assert config.spool_path is None
        assert "set AGENT_SPOOL_DIR" in config.warnings[0]

    def test_names_a_token_file_that_is_not_text(self, config_from, tmp_path):
        path = tmp_path / "token"
        path.write_bytes(b"\xff\xfe")

        with pytest.raises(ConfigError, match="not text"):
            config_from({"AGENT_TOKEN_FILE": str(path)})

    def test_takes_one_source_of_the_token(self, config_from, secret):
        with pytest.raises(ConfigError, match="both set"):
            config_from({"AGENT_TOKEN": secret, "AGENT_TOKEN_FILE": "/token"})

    def test_does_not_repeat_a_mistyped_token(self, config_from, secret):
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
    def test_keeps_an_address_without_its_last_slash(self, config_from, secret, given, kept):
        assert config_from({"AGENT_TOKEN": secret, "SERVER_URL": given}).server_url == kept

    @pytest.mark.parametrize(
        "url",
        [
            "server:8080",
            "ftp://server",
            "http://",
            "http://[::1",
            "http://a..b",
            "http://" + "a" * 70,
            "http://server:99999",
            "//server",
        ],
    )
    def test_explains_an_address_that_is_none(self, config_from, secret, url):
        with pytest.raises(ConfigError, match=r"SERVER_URL is .* not an address"):
            config_from({"AGENT_TOKEN": secret, "SERVER_URL": url})

    @pytest.mark.parametrize("url", ["http://me:pw@server", "http://server?a=b", "http://server#a"])
    def test_takes_nothing_but_scheme_host_port_and_path(self, config_from, secret, url):
        with pytest.raises(ConfigError, match="scheme, host, port and path only"):
            config_from({"AGENT_TOKEN": secret, "SERVER_URL": url})

    @pytest.mark.parametrize("seconds", [1, 900])
    def test_takes_an_interval_within_its_bounds(self, config_from, secret, seconds):
        environ = {"AGENT_TOKEN": secret, "AGENT_INTERVAL_SECONDS": str(seconds)}

        assert config_from(environ).interval_seconds == seconds

    @pytest.mark.parametrize(
        "text", ["0", "901", "-1", "1.5", "ten", "true", "\u0661\u0660", "1" * 5000]
    )
    def test_explains_an_interval_that_is_none(self, config_from, secret, text):
        environ = {"AGENT_TOKEN": secret, "AGENT_INTERVAL_SECONDS": text}

        with pytest.raises(ConfigError, match="from 1 to 900"):
            config_from(environ)


class TestSecrets:
    def test_stay_out_of_messages(self, config_from):
        with pytest.raises(ConfigError, match="AGENT_PROXY_URL is not shown here") as caught:
            config_from({"AGENT_PROXY_URL": "me:hunter2@proxy"})

        assert "hunter2" not in str(caught.value)
