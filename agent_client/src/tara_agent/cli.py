"""The command `tara-agent`: finds out which of its commands is meant."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from tara_agent.commands import doctor, enrol, install, once, run, uninstall, version
from tara_agent.commands.protocol import Command
from tara_agent.config import CONFIG_VARIABLE
from tara_agent.errors import ConfigError, NotDone
from tara_agent.exits import MEANINGS, Exit
from tara_agent.settings import SETTINGS
from tara_agent.version import VERSION

COMMANDS: Final[dict[str, Command]] = {
    "run": run,
    "once": once,
    "doctor": doctor,
    "enrol": enrol,
    "install": install,
    "uninstall": uninstall,
    "version": version,
}
"""A new command is a module in `commands` and a line here."""

_COLUMNS: Final = 80
"""How wide help is where no terminal says otherwise."""
_DESCRIPTION: Final = "Measures this machine and pushes the samples to a taraSysDash server."
_FIRST_STEPS: Final = """\
first steps:
  tara-agent once      see what would be sent; sends nothing
  tara-agent doctor    see what keeps it from the server, and what to do
  tara-agent enrol https://tara.example.org KEY    trade an enrolment key for a token, then `run`
  AGENT_TOKEN=tara_... SERVER_URL=https://tara.example.org tara-agent run
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code = COMMANDS[options.command].execute(options)
        sys.stdout.flush()
    except ConfigError as error:
        print(f"tara-agent: {error}", file=sys.stderr)
        return Exit.CONFIG
    except NotDone as error:
        print(f"tara-agent: {error}", file=sys.stderr)
        return Exit.NOT_DONE
    except KeyboardInterrupt:
        return Exit.DONE
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            sys.stdout.close()  # or it complains once more when Python ends
        return Exit.DONE
    return code


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal.

    To find that out, argparse would load shutil, with every compression that Python knows, and do
    so for each argument that is added: 0.4 MB of an agent that shows no help.
    """

    def __init__(self, prog: str) -> None:
        try:
            columns = os.get_terminal_size().columns
        except OSError:
            columns = 0
        super().__init__(prog, width=(columns or _COLUMNS) - 2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tara-agent",
        description=_DESCRIPTION,
        epilog=f"{_FIRST_STEPS}\n{_settings()}\n{_exit_codes()}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tara-agent {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        own = commands.add_parser(
            name,
            help=command.HELP,
            description=command.execute.__doc__,
            formatter_class=_Help,
            allow_abbrev=False,
        )
        command.add_arguments(own)
    return parser


def _settings() -> str:
    lines = [
        "settings: a flag weighs more than the environment, and that more than the file",
        f"  {CONFIG_VARIABLE:<24}the file, in TOML (default /etc/tara-agent/config.toml on Linux)",
    ]
    for setting in SETTINGS:
        lines.append(f"  {setting.variable:<24}{setting.meaning}")
        if setting.is_secret:
            lines.append(f"  {setting.variable + '_FILE':<24}or the file that holds it")
    return "\n".join(lines) + "\n"


def _exit_codes() -> str:
    return "exit codes:\n" + "\n".join(f"  {int(code)}  {MEANINGS[code]}" for code in Exit)
