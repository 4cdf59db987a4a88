"""Carries a plan out: the one place where the agent calls other programs, those of the plan."""

import subprocess
from pathlib import Path
from typing import Final

from tara_agent import config_file
from tara_agent.errors import NotDone
from tara_agent.service.plan import Plan, Remove, Run, Settings, Step, Write

COMMAND_SECONDS: Final = 60


def carry_out(plan: Plan) -> None:
    """Do every step. Raises NotDone at the first that fails; what was done stays."""
    for step in plan.steps:
        try:
            _do(step)
        except OSError as error:
            reason = error.strerror or str(error)
            raise NotDone(f"could not {_first_line(step)} ({reason}). {_HINT}") from error


_HINT: Final = "Are you root? Everything before this was done, and can be done again."


def _do(step: Step) -> None:
    match step:
        case Settings(path, values):
            config_file.update(path, values)
        case Write(path, text, encoding):
            _write(path, text.encode(encoding))
        case Remove(path):
            path.unlink(missing_ok=True)
        case Run(command, must):
            _run(command, must=must)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def _run(command: tuple[str, ...], *, must: bool) -> None:
    try:
        done = subprocess.run(  # noqa: S603  (a plan of this package, and no shell)
            command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise NotDone(f"{' '.join(command)} did not end within a minute.") from error
    if done.returncode and must:
        said = (done.stderr or done.stdout).strip()[:500]
        raise NotDone(f"{' '.join(command)} failed: {said or f'exit code {done.returncode}'}")


def _first_line(step: Step) -> str:
    return step.told().partition("\n")[0].rstrip(":")
