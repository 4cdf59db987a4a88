"""Prepare the data folder and run everything in the foreground: web, worker with beat, agent."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Check the port, migrate, collect, make what a first run needs, then hand over to honcho."""
    host = os.environ.setdefault("TARA_HOST", "127.0.0.1")
    port = os.environ.setdefault("TARA_PORT", "8080")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:  # noqa: PLR2004  (the range of ports)
        sys.exit(f"make run: TARA_PORT is {port!r}; write a number from 1 to 65535.")
    require_free(host, int(port))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tarasysdash.settings"
    settings = settings_of()
    with only_one(settings.DATA_DIR / "run.lock"):
        prepare(f"http://{reachable(host)}:{port}/")
        os.environ["AGENT_TOKEN_FILE"] = str(settings.DATA_DIR / "agent_token")
        os.environ.setdefault("AGENT_SPOOL_DIR", str(settings.DATA_DIR / "agent_spool"))
        os.environ["SERVER_URL"] = f"http://{reachable(host)}:{port}"
        start_all()


def start_all() -> None:
    """Start what the Procfile names and stay until all of it has ended."""
    from honcho.command import main as honcho  # noqa: PLC0415

    bin_folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    os.chdir(ROOT)
    # A closed terminal ends everything, as Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    # No .env file: it would reach the three processes, but not what was prepared for them.
    sys.argv = ["honcho", "--env", os.devnull, "start", "--no-prefix", "--no-colour"]
    honcho()


def require_free(host: str, port: int) -> None:
    """End with a sentence where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            advice = "Set TARA_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0"
            if error.errno == errno.EADDRINUSE:
                other = f"make run TARA_PORT={port + 1}"
                advice = f"Stop what holds it, or choose another port: {other}"
            sys.exit(f"make run: {host}:{port} cannot be listened on ({error.strerror}). {advice}")


def reachable(host: str) -> str:
    """Return the address by which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def settings_of() -> Any:
    """Return the settings; end with a sentence where one is wrong."""
    import django  # noqa: PLC0415  (not before the settings are chosen)
    from django.conf import settings  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(f"make run: {error}")
    return settings


def only_one(path: Path) -> IO[str]:
    """Return the lock of the data folder, held while it is open; end if another run holds it.

    Two would be two schedules and two agents for one machine.
    """
    lock = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"make run: it is running already, with its data in {path.parent}. Stop it first.")
    return lock


def prepare(address: str) -> None:
    """Bring the database, the static files and the first accounts up to date."""
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    collect_static()
    call_command("first_run", address=address)


def collect_static() -> None:
    """Collect the static files, unless they are as they were: that takes seconds."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    stamp = Path(sys.prefix) / "collected"
    files = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    facts = sorted(f"{path} {Path(path).stat().st_mtime_ns}" for path in files)
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    if Path(settings.STATIC_ROOT).is_dir() and stamp.exists() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest)


if __name__ == "__main__":
    main()
