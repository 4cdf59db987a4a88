"""A plan: what is done to make the agent a service, so that it can be read before it is done."""

from pathlib import Path
from typing import NamedTuple

from tara_agent.config_file import Value

Values = dict[str, Value]
SECRETS = frozenset({"token", "proxy_url"})


class Settings(NamedTuple):
    """Set these in the file of settings, for its owner alone to read."""

    path: Path
    values: Values

    def told(self) -> str:
        """Return what a person sees of it: everything but the secrets."""
        lines = [
            f"    {key} = {'(not shown)' if key in SECRETS else value}"
            for key, value in self.values.items()
        ]
        return "\n".join([f"set in {self.path}, mode 0600:", *lines])


class Write(NamedTuple):
    """Write a file that everybody may read."""

    path: Path
    text: str
    encoding: str = "utf-8"

    def told(self) -> str:
        """Return the file as it would be."""
        return f"write {self.path}:\n" + "".join(f"    {line}\n" for line in self.text.splitlines())


class Remove(NamedTuple):
    """Delete a file, if it is there."""

    path: Path

    def told(self) -> str:
        """Return which."""
        return f"delete {self.path}"


class Run(NamedTuple):
    """Call a program of the system. What it says it could not do ends the plan if `must` is set."""

    command: tuple[str, ...]
    must: bool = True

    def told(self) -> str:
        """Return the call, as one would type it."""
        quoted = (f'"{part}"' if " " in part else part for part in self.command)
        return "run " + " ".join(quoted)


Step = Settings | Write | Remove | Run


class Plan(NamedTuple):
    """Steps, in order, and what to tell when they are done."""

    steps: tuple[Step, ...]
    afterwards: str

    def told(self) -> str:
        """Return all of it for a person to read."""
        return "\n".join([*(step.told() for step in self.steps), self.afterwards])
