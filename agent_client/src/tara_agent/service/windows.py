"""The agent as a scheduled task of Windows, which starts with the machine as LOCAL SERVICE."""

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Final
from xml.sax.saxutils import escape

from tara_agent.service.plan import Plan, Remove, Run, Settings, Step, Values, Write

TASK: Final = "tara-agent"
LOCAL_SERVICE: Final = "S-1-5-19"

_TASK: Final = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Measures this machine and pushes the samples to a taraSysDash server.</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger><Enabled>true</Enabled></BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def task(program: Sequence[str]) -> str:
    """Return the task as XML."""
    command, *arguments = [*program, "run"]
    quoted = (f'"{part}"' if " " in part else part for part in arguments)
    return _TASK.format(
        user=LOCAL_SERVICE, command=escape(command), arguments=escape(" ".join(quoted))
    )


def install(program: Sequence[str], values: Values, *, folder: Path, system_root: str) -> Plan:
    """Return how the agent is made a task. `folder` is its own, below ProgramData."""
    icacls, schtasks = _tool(system_root, "icacls"), _tool(system_root, "schtasks")
    config, xml = folder / "config.toml", folder / "task.xml"
    grant = "/grant:r"
    steps: list[Step] = [Settings(config, values)] if values else []
    steps += [
        Write(xml, task(program), "utf-16"),
        # Without what ProgramData hands down, by which every user could read the token.
        Run((icacls, str(folder), "/inheritance:r", grant, *_rights("(OI)(CI)"))),
        Run((schtasks, "/Create", "/TN", TASK, "/XML", str(xml), "/F")),
        Run((schtasks, "/Run", "/TN", TASK)),
    ]
    return Plan(tuple(steps), "to see how it fares: tara-agent doctor")


def uninstall(*, folder: Path, system_root: str) -> Plan:
    """Return how that is undone."""
    schtasks = _tool(system_root, "schtasks")
    steps = (
        Run((schtasks, "/End", "/TN", TASK), must=False),
        Run((schtasks, "/Delete", "/TN", TASK, "/F"), must=False),
        Remove(folder / "task.xml"),
    )
    return Plan(steps, f"{folder} is left; delete it, and revoke its token on the server")


def _rights(inheritance: str) -> tuple[str, ...]:
    """Return who may do what there: SYSTEM and administrators all, the agent read and write."""
    full = (f"*{sid}:{inheritance}F" for sid in ("S-1-5-18", "S-1-5-32-544"))
    return (*full, f"*{LOCAL_SERVICE}:{inheritance}M")


def _tool(system_root: str, name: str) -> str:
    return str(PureWindowsPath(system_root) / "System32" / f"{name}.exe")
