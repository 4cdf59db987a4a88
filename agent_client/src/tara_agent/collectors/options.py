"""What is to be measured, as the settings have it."""

from pathlib import Path
from typing import Final, NamedTuple

from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice

COLLECTORS: Final = (
    *("cpu", "load", "pressure", "memory", "paging", "swap", "system", "handles", "sockets"),
    *("frequency", "temperatures", "fans", "battery", "users", "reboot", "systemd", "devices"),
    *("interfaces", "mounts", "containers", "gpus", "textfiles", "processes"),
)
"""The names of all collectors there are, on one system or another."""


class Options(NamedTuple):
    """What to measure. `off` names the collectors that are not wanted."""

    mounts: Choice = EVERYTHING_USUAL
    devices: Choice = EVERYTHING_USUAL
    interfaces: Choice = EVERYTHING_USUAL
    textfile_path: Path | None = None
    off: frozenset[str] = frozenset()


DEFAULTS: Final = Options()
