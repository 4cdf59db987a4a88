"""A taraSysDash of its own for a benchmark: a data folder, agents, and the Procfile's processes.

What is measured is started by the same line as the product, so the two cannot differ.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bodies import Sender
from benchmarks.processes import ROOT, Running, free_port, started

NAME = "taraSysDash"

MAKE_AGENTS = """
import django; django.setup()
from django.db import transaction
from django.utils import timezone
from agents import provisioning, tokens
with transaction.atomic():
    for number in range({count}):
        agent, _ = provisioning.ensure_agent(f"bench-{{number}}")
        print(agent.agent_id, tokens.issue(agent, now=timezone.now()).plain)
"""
MAKE_SESSION = """
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A data folder with a migrated database, and the variables its processes run with."""

    folder: Path
    environment: dict[str, str]
    senders: list[Sender] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """The file that holds everything."""
        return self.folder / "tarasysdash.sqlite3"

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run `manage.py` to its end and return what it printed."""
        return self.python("manage.py", *arguments, **environment)

    def python(self, *arguments: str, **environment: str) -> str:
        """Run Python to its end and return what it printed."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def session_cookie(self) -> str:
        """Return the cookie of someone who is logged in and may see everything."""
        return f"tarasysdash_sessionid={self.python('-c', MAKE_SESSION).strip()}"


@contextmanager
def site(*, agents: int, synchronous: str = "FULL", **environment: str) -> Iterator[Site]:
    """Make a site with agents; remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="tarasysdash-bench-") as folder:
        variables = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tarasysdash.settings",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TARA_DATA_DIR": folder,
            "TARA_LOG_LEVEL": "WARNING",
            "TARA_SQLITE_SYNCHRONOUS": synchronous,
            **environment,
        }
        made = Site(Path(folder), variables)
        made.manage("migrate", "--verbosity=0")
        printed = made.python("-c", MAKE_AGENTS.format(count=agents)).splitlines()
        made.senders.extend(Sender(*line.split()) for line in printed)
        yield made


@contextmanager
def web(of: Site, **environment: str) -> Iterator[Running]:
    """Run the web server on a free port."""
    port = free_port()
    where = {"TARA_HOST": "127.0.0.1", "TARA_PORT": str(port)}
    command = ["sh", "-c", f"exec {procfile_line('web')}"]
    with started(command, of.environment | where | environment, port=port) as running:
        yield running


@contextmanager
def worker(of: Site, **environment: str) -> Iterator[Running]:
    """Run the background worker with its beat."""
    command = ["sh", "-c", f"exec {procfile_line('worker')}"]
    with started(command, of.environment | environment) as running:
        yield running


def procfile_line(process: str) -> str:
    """Return the command of a process of the Procfile."""
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    found = re.search(rf"^{process}: (.+)$", text, flags=re.MULTILINE)
    if found is None:
        raise LookupError(f"The Procfile has no {process}.")
    return found[1]
