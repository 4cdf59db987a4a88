"""Where the agent has its files: outside of these it writes nothing."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "tara-agent"


def state_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the folder for what the agent keeps, as this system would have it.

    None for a user without a home, such as one whom a container was given by number.
    """
    by_systemd = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if by_systemd:
        return Path(by_systemd)
    if platform == "win32":
        return _program_data(environ)
    if os.geteuid() == 0:
        return Path("/var/lib") / NAME
    given = environ.get("XDG_STATE_HOME")
    if given and platform != "darwin":
        return Path(given) / NAME
    home = _home()
    if home is None:
        return None
    return home / ("Library/Application Support" if platform == "darwin" else ".local/state") / NAME


def config_files(environ: Mapping[str, str], platform: str = sys.platform) -> list[Path]:
    """Return where a file of settings may be, nearest first: this user's, then the machine's.

    The first one is where one is written.
    """
    if platform == "win32":
        return [_program_data(environ) / "config.toml"]
    folder = "/Library/Application Support" if platform == "darwin" else "/etc"
    machines = Path(folder) / NAME / "config.toml"
    if os.geteuid() == 0:
        return [machines]
    users = _users_config(environ, platform)
    return [users / NAME / "config.toml", machines] if users else [machines]


def _users_config(environ: Mapping[str, str], platform: str) -> Path | None:
    """Return the folder of this user's settings; None for a user without a home."""
    given = environ.get("XDG_CONFIG_HOME")
    if given and platform != "darwin":
        return Path(given)
    home = _home()
    if home is None:
        return None
    return home / ("Library/Application Support" if platform == "darwin" else ".config")


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _program_data(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / NAME
