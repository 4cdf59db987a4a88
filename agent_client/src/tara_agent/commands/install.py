"""`tara-agent install`: make the agent a service of this machine."""

import os
from argparse import ArgumentParser, Namespace
from typing import Final

from tara_agent.commands.protocol import add_settings
from tara_agent.config import NO_FILE, config_from, given_now, token_of
from tara_agent.exits import Exit

HELP: Final = "make it a service that starts with the machine"


def add_arguments(parser: ArgumentParser) -> None:
    """Take --dry-run, and every setting: what is given goes into the file."""
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")
    add_settings(parser)


def execute(options: Namespace) -> Exit:
    """Write the settings given here into the machine's file, and make the agent a service."""
    from tara_agent.service import here  # noqa: PLC0415
    from tara_agent.service.carry_out import carry_out  # noqa: PLC0415

    flags = vars(options)
    file = here.config_file(os.environ)
    # The service reads that file and no other; so what is in it counts here as well.
    token_of(config_from(os.environ, flags | {"config": str(file) if file.exists() else NO_FILE}))
    plan = here.install(os.environ, given_now(os.environ, flags))
    if options.dry_run:
        print(plan.told())
    else:
        carry_out(plan)
        print(f"installed and started; {plan.afterwards}")
    return Exit.DONE
