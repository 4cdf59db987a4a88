"""`tara-agent doctor`: find out what keeps samples from the server."""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from tara_agent.commands.protocol import add_config_file, add_settings
from tara_agent.config import config_from
from tara_agent.exits import Exit

if TYPE_CHECKING:
    from tara_agent.doctor.findings import Finding

HELP: Final = "see what keeps samples from the server, and what to do"

_INDENT: Final = " " * 6


def add_arguments(parser: ArgumentParser) -> None:
    """Take every setting, and the file of settings."""
    add_config_file(parser)
    add_settings(parser)


def execute(options: Namespace) -> Exit:
    """Look at settings, network, server, clock, disk and collectors. Sends no sample."""
    config = config_from(os.environ, vars(options))

    from tara_agent.doctor.examination import examine  # noqa: PLC0415
    from tara_agent.doctor.findings import State  # noqa: PLC0415

    count = 0
    for finding in examine(config):
        count += finding.state is State.FAILED
        print(_line(finding), flush=True)
    print("nothing to mend" if not count else f"to mend: {count}")
    return Exit.UNHEALTHY if count else Exit.DONE


def _line(finding: "Finding") -> str:
    line = f"{finding.state.value:<{len(_INDENT)}}{finding.subject}: {finding.seen}"
    return f"{line}\n{_INDENT}-> {finding.advice}" if finding.advice else line
