"""What a command is."""

from argparse import ArgumentParser, Namespace
from collections.abc import Container
from typing import Protocol

from tara_agent.exits import Exit
from tara_agent.settings import SETTINGS


class Command(Protocol):
    """A module of this folder. It imports what only it needs when it is executed.

    Every command is known to each start of the agent, and the one that runs for months should not
    carry the others' libraries.
    """

    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what the command takes."""
        ...

    def execute(self, options: Namespace) -> Exit:
        """Do it. Raises ConfigError."""
        ...


def add_config_file(parser: ArgumentParser) -> None:
    """Add the flag that names the file of settings."""
    parser.add_argument("--config", metavar="FILE", help="the file of settings; `none` for none")


def add_settings(parser: ArgumentParser, *, leave_out: Container[str] = ()) -> None:
    """Add a flag for each setting; see config.config_from for what becomes of them."""
    group = parser.add_argument_group("settings", "each weighs more than its variable and its line")
    for setting in (each for each in SETTINGS if each.key not in leave_out):
        if setting.is_secret:
            meaning = f"a file that holds {setting.meaning}"
            group.add_argument(f"{setting.flag}-file", metavar="FILE", help=meaning)
        else:
            group.add_argument(setting.flag, metavar="VALUE", help=setting.meaning)
