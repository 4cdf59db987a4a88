"""`manage.py gen_token --agent-id web-1`: print a new token for an agent, made if it is new."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agents import provisioning, tokens


class Command(BaseCommand):
    """Prints the token alone on stdout, so that it can be piped; all else goes to stderr."""

    help = (
        "Print a new token for an agent. An agent that does not exist is created. "
        "The token is shown this once and stored as a digest only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the agent's id and what to do with its tokens."""
        parser.add_argument("--agent-id", required=True, help="such as web-1 or db.example.org")
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
        try:
            with transaction.atomic():
                agent, created = provisioning.ensure_agent(
                    options["agent_id"], display_name=options["name"], tags=options["tag"]
                )
                give = tokens.rotate if options["rotate"] else tokens.issue
                issued = give(
                    agent, now=now, expires_at=now + timedelta(days=days) if days else None
                )
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
