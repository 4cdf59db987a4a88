"""`manage.py gen_token`: print a new token, for an agent to send with or for a program to read."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agents import provisioning, read_tokens, tokens


class Command(BaseCommand):
    """Prints the token alone on stdout, so that it can be piped; all else goes to stderr."""

    help = (
        "Print a new token for an agent, which is created if it does not exist; with --read, one "
        "for a program that reads the API. The token is shown this once and stored as a digest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the agent's id and what to do with its tokens."""
        of_whom = parser.add_mutually_exclusive_group(required=True)
        of_whom.add_argument("--agent-id", help="such as web-1 or db.example.org")
        of_whom.add_argument("--read", metavar="NAME", help="the program that reads the API")
        parser.add_argument("--name", default="", help="the agent's display name")
        parser.add_argument(
            "--tag", action="append", default=[], help="a tag to give the agent; may be repeated"
        )
        parser.add_argument("--expires-days", type=int, help="end the token after this many days")
        parser.add_argument(
            "--rotate",
            action="store_true",
            help="replace the token in use, which works for another 24 hours",
        )

    def handle(self, **options: Any) -> None:
        """Create, issue, print."""
        now = timezone.now()
        days = options["expires_days"]
        if days is not None and not 1 <= days <= provisioning.EXPIRES_DAYS_MAXIMUM:
            raise CommandError(
                f"--expires-days takes 1 to {provisioning.EXPIRES_DAYS_MAXIMUM}, not {days}."
            )
        expires_at = now + timedelta(days=days) if days else None
        if options["read"] is None:
            self._for_agent(options, now=now, expires_at=expires_at)
        else:
            self._for_program(options, expires_at=expires_at)

    def _for_program(self, options: dict[str, Any], *, expires_at: datetime | None) -> None:
        if options["name"] or options["tag"] or options["rotate"]:
            raise CommandError("--name, --tag and --rotate are for agents; leave them out.")
        try:
            issued = read_tokens.issue(options["read"].strip(), expires_at=expires_at)
        except ValidationError as error:
            raise CommandError(f"--read NAME: {' '.join(error.messages)}") from error
        self.stderr.write(f"A read token for {issued.row.name} is below; it is not shown again.")
        self.stdout.write(issued.plain)

    def _for_agent(
        self, options: dict[str, Any], *, now: datetime, expires_at: datetime | None
    ) -> None:
        try:
            with transaction.atomic():
                agent, created = provisioning.ensure_agent(
                    options["agent_id"], display_name=options["name"], tags=options["tag"]
                )
                give = tokens.rotate if options["rotate"] else tokens.issue
                issued = give(agent, now=now, expires_at=expires_at)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except tokens.TooManyTokens as error:
            raise CommandError(f"{error} With this command: add --rotate.") from error
        if not agent.enabled:
            self.stderr.write(f"Note: {agent.agent_id} is disabled, so its samples are refused.")
        self.stderr.write(
            f"{'Created' if created else 'Found'} agent {agent.agent_id}. "
            "Its new token is below; it is not shown again."
        )
        self.stdout.write(issued.plain)
