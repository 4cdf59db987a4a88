"""`manage.py gen_enrolment_key`: print a key that new machines trade for tokens of their own."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agents import enrolment


class Command(BaseCommand):
    """Prints the key alone on stdout, so that it can be piped; all else goes to stderr."""

    help = (
        "Print a new enrolment key. On a machine, `tara-agent enrol URL KEY` trades it for an "
        "agent and its token. The key is shown this once and stored as a digest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take for how many machines, how long and from where the key is."""
        parser.add_argument(
            "--uses", type=int, default=1, help="how many machines may enrol (default 1)"
        )
        parser.add_argument(
            "--hours",
            type=int,
            default=enrolment.HOURS_DEFAULT,
            help=f"how long the key works (default {enrolment.HOURS_DEFAULT})",
        )
        parser.add_argument("--network", default="", help="only from here, such as 10.0.0.0/8")
        parser.add_argument("--name", default="", help="which machines it is for")
        parser.add_argument(
            "--tag", action="append", default=[], help="a tag to give them; may be repeated"
        )

    def handle(self, **options: Any) -> None:
        """Issue, print."""
        hours = options["hours"]
        if not 1 <= hours <= enrolment.HOURS_MAXIMUM:
            raise CommandError(f"--hours takes 1 to {enrolment.HOURS_MAXIMUM}, not {hours}.")
        try:
            issued = enrolment.issue(
                expires_at=enrolment.expiry(hours, now=timezone.now()),
                uses_allowed=options["uses"],
                name=options["name"],
                network=options["network"],
                tags=options["tag"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        machines = "1 machine" if options["uses"] == 1 else f"{options['uses']} machines"
        self.stderr.write(
            f"The key below enrols {machines} within {hours} h; it is not shown again. "
            "On each: tara-agent enrol URL KEY"
        )
        self.stdout.write(issued.plain)
