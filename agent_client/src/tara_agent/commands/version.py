"""`tara-agent version`: what is running here."""

from argparse import ArgumentParser, Namespace
from typing import Final

from tara_agent.exits import Exit
from tara_agent.version import VERSION

HELP: Final = "print the version"


def add_arguments(parser: ArgumentParser) -> None:
    """Take nothing."""


def execute(options: Namespace) -> Exit:  # noqa: ARG001  (every command is given them)
    """Print the agent's version."""
    print(f"tara-agent {VERSION}")
    return Exit.DONE
