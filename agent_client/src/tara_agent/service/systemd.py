"""The agent as a service of systemd, on Linux."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tara_agent.errors import NotDone
from tara_agent.service.plan import Plan, Remove, Run, Settings, Step, Values, Write

UNIT: Final = "tara-agent.service"
CONFIG: Final = Path("/etc/tara-agent/config.toml")
OWN_UNIT: Final = Path("/etc/systemd/system") / UNIT
PACKAGED_UNITS: Final = (Path("/usr/lib/systemd/system") / UNIT, Path("/lib/systemd/system") / UNIT)

_SYSTEMCTL: Final = ("/usr/bin/systemctl", "/bin/systemctl", "/run/current-system/sw/bin/systemctl")
_HOMES: Final = (Path("/root"), Path("/home"))

# systemd gives the service a copy of the file that only it can read, so that the file itself stays
# root's. PrivateTmp, PrivateDevices, ProtectClock and ProtectProc would take from the agent what it
# is to measure: mounts, graphics cards, the number of processes.
_UNIT: Final = """\
[Unit]
Description=taraSysDash agent
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart={command} run --config ${{CREDENTIALS_DIRECTORY}}/config.toml
LoadCredential=config.toml:{config}
Restart=always
RestartSec=10
RestartPreventExitStatus=2 3
TimeoutStopSec=15
{user}
StateDirectory=tara-agent
StateDirectoryMode=0700
UMask=0077
MemoryMax=100M
TasksMax=64
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=read-only
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
PrivateMounts=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def unit(program: Sequence[str], *, user: str | None = None, config: Path = CONFIG) -> str:
    """Return the unit. Without a `user` systemd makes one up that exists while the agent runs."""
    return _UNIT.format(
        command=" ".join(_quoted(part) for part in program),
        config=config,
        user=f"User={user}\nGroup={user}" if user else "DynamicUser=yes",
    )


def install(program: Sequence[str], values: Values) -> Plan:
    """Return how the agent is made a service that starts with the machine."""
    _require_that_a_service_can_read(program)
    systemctl = _systemctl()
    steps: list[Step] = [Settings(CONFIG, values)] if values else []
    if not any(path.exists() for path in PACKAGED_UNITS):
        steps += [Write(OWN_UNIT, unit(program)), Run((systemctl, "daemon-reload"))]
    # Restarted, for an agent that runs already shall take up what has changed.
    steps += [Run((systemctl, "enable", UNIT)), Run((systemctl, "restart", UNIT))]
    return Plan(tuple(steps), "its log: journalctl -u tara-agent")


def uninstall() -> Plan:
    """Return how that is undone, and the samples deleted that it still had to send."""
    systemctl = _systemctl()
    steps = (
        Run((systemctl, "disable", "--now", UNIT), must=False),
        Run((systemctl, "clean", "--what=state", UNIT), must=False),
        Remove(OWN_UNIT),
        Run((systemctl, "daemon-reload")),
    )
    return Plan(steps, f"{CONFIG} is left; delete it, and revoke its token on the server")


def _quoted(part: str) -> str:
    """Return a part of a command line as systemd reads it back."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if " " in part or "'" in part else escaped


def _systemctl() -> str:
    for path in _SYSTEMCTL:
        if os.access(path, os.X_OK):
            return path
    raise NotDone(
        "There is no systemd on this machine. Have what starts your services run `tara-agent run`."
    )


def _require_that_a_service_can_read(program: Sequence[str]) -> None:
    for part in program:
        if any(Path(part).is_relative_to(home) for home in _HOMES):
            raise NotDone(
                f"{part} is in somebody's home, where the service's user cannot go. Install the "
                "agent into a folder that all can read, such as with `python3 -m venv "
                "/opt/tara-agent`, and run `install` from there."
            )
