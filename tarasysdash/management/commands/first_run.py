"""`manage.py first_run`: an admin and an agent for this machine, so that `make run` has both."""

from __future__ import annotations

import os
import re
import secrets
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from agents import provisioning, tokens

ADMIN_NAME: Final = "admin"
AGENT_TOKEN_FILE: Final = "agent_token"  # noqa: S105  (a file name)
PASSWORD_BYTES: Final = 12


class Command(BaseCommand):
    """Does nothing the second time; prints the admin's password only when it made it."""

    help = "Make an admin with a random password, and register this machine as an agent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where people will open the dashboard."""
        parser.add_argument("--address", default="http://127.0.0.1:8080/")

    def handle(self, **options: Any) -> None:
        """Make what is missing, then say where to go."""
        ensure_agent_token(settings.DATA_DIR / AGENT_TOKEN_FILE)
        password = ensure_admin()
        self.stdout.write(f"\n  Dashboard   {options['address']}")
        if password is None:
            self.stdout.write(
                "  Log in      with the accounts you have; a lost password is reset by"
            )
            self.stdout.write("              .venv/bin/python manage.py changepassword admin\n")
        else:
            self.stdout.write(f"  User        {ADMIN_NAME}")
            self.stdout.write(f"  Password    {password}   (shown this once)\n")


def ensure_admin() -> str | None:
    """Return the new admin's password, None where someone can log in already."""
    users = get_user_model().objects
    if users.exists():
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    users.create_superuser(ADMIN_NAME, password=password)
    return password


def agent_id_of(host_name: str) -> str:
    """Return what a machine of this name is called as an agent."""
    allowed = re.sub(r"[^a-z0-9._-]+", "-", host_name.lower())[:63]
    return allowed.strip("-._") or "this-machine"


def ensure_agent_token(path: Path) -> None:
    """Keep a live token of this machine's own agent in `path` (0600), issued where none is."""
    now = timezone.now()
    if path.exists() and tokens.find(path.read_text(encoding="ascii").strip(), now=now):
        return
    agent_id = agent_id_of(socket.gethostname())
    agent, _ = provisioning.ensure_agent(agent_id)
    if not agent.enabled:
        # Someone switched it off; its old token is refused with a sentence that says so.
        return
    issued = tokens.rotate(agent, now=now, name="made by first_run")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(issued.plain + "\n")
