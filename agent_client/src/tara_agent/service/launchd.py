"""The agent as a service of launchd, on macOS: of the user who installs it."""

import plistlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tara_agent.service.plan import Plan, Remove, Run, Settings, Step, Values, Write

LABEL: Final = "org.tarasysdash.agent"
LAUNCHCTL: Final = "/bin/launchctl"


def plist(program: Sequence[str], *, log: Path) -> str:
    """Return the property list of the service."""
    content = {
        "Label": LABEL,
        "ProgramArguments": [*program, "run"],
        "RunAtLoad": True,
        # Not after exit code 0, which is a stop that somebody asked for.
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
        "StandardErrorPath": str(log),
    }
    return plistlib.dumps(content, sort_keys=False).decode()


def install(program: Sequence[str], values: Values, *, home: Path, config: Path, uid: int) -> Plan:
    """Return how the agent is made a service that runs while its user is logged in."""
    path = _path(home)
    steps: list[Step] = [Settings(config, values)] if values else []
    steps += [
        Write(path, plist(program, log=home / "Library/Logs/tara-agent.log")),
        Run((LAUNCHCTL, "bootout", f"gui/{uid}/{LABEL}"), must=False),  # an earlier one
        Run((LAUNCHCTL, "bootstrap", f"gui/{uid}", str(path))),
    ]
    return Plan(tuple(steps), f"its log: {home}/Library/Logs/tara-agent.log")


def uninstall(*, home: Path, config: Path, uid: int) -> Plan:
    """Return how that is undone."""
    steps = (Run((LAUNCHCTL, "bootout", f"gui/{uid}/{LABEL}"), must=False), Remove(_path(home)))
    return Plan(steps, f"{config} is left; delete it, and revoke its token on the server")


def _path(home: Path) -> Path:
    return home / "Library/LaunchAgents" / f"{LABEL}.plist"
