"""Settings, read from no file but the one that is named, whatever this machine has."""

import pytest

from tara_agent import config


@pytest.fixture
def config_from():
    def config_from(environ, flags=config.NO_FLAGS):
        return config.config_from({"AGENT_CONFIG": "none"} | environ, flags)

    return config_from


@pytest.fixture
def write(tmp_path):
    """Write a file of settings for its owner alone; return its path."""

    def write(text, mode=0o600):
        path = tmp_path / "config.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write
