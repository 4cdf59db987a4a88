"""Where the agent has its files: outside of these it writes nothing."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def state_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return the folder for what the agent keeps, as this system would have it."""
    by_systemd = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if by_systemd:
        return Path(by_systemd)
    if platform == "win32":
        return Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / "tara-agent"
    if os.geteuid() == 0:
        return Path("/var/lib/tara-agent")
    if platform == "darwin":
        return Path.home() / "Library/Application Support/tara-agent"
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "tara-agent"
