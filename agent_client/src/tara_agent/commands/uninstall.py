"""`tara-agent uninstall`: undo what `install` did."""

import os
from argparse import ArgumentParser, Namespace
from typing import Final

from tara_agent.exits import Exit

HELP: Final = "stop the service and take it away"


def add_arguments(parser: ArgumentParser) -> None:
    """Take --dry-run."""
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")


def execute(options: Namespace) -> Exit:
    """Stop the service and take it away, with the samples that it still had to send."""
    from tara_agent.service import here  # noqa: PLC0415
    from tara_agent.service.carry_out import carry_out  # noqa: PLC0415

    plan = here.uninstall(os.environ)
    if options.dry_run:
        print(plan.told())
    else:
        carry_out(plan)
        print(f"uninstalled; {plan.afterwards}")
    return Exit.DONE
