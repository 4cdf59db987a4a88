"""Prepare the data folder and run everything in the foreground: web, worker with beat, agent."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

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
    prepare(f"http://{reachable(host)}:{port}/")
    from django.conf import settings  # noqa: PLC0415  (the settings read what was set above)

    os.environ["AGENT_TOKEN_FILE"] = str(settings.DATA_DIR / "agent_token")
    os.environ["SERVER_URL"] = f"http://{reachable(host)}:{port}"
    bin_folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    os.chdir(ROOT)
    # No .env file: it would reach the three processes, but not what was prepared above.
    command = [sys.executable, "-m", "honcho", "--env", os.devnull, "start"]
    command += ["--no-prefix", "--no-colour"]
    os.execv(sys.executable, command)


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


def prepare(address: str) -> None:
    """Bring the database, the static files and the first accounts up to date."""
    import django  # noqa: PLC0415  (not before the settings are chosen)
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(f"make run: {error}")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("first_run", address=address)


if __name__ == "__main__":
    main()
