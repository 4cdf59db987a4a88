"""What an agent reports of its machine, cleaned and kept on the agent's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.models import Agent


class Change(NamedTuple):
    """A fact that is not what it was; `before` is empty or None where it was not known."""

    fact: str
    before: Any
    after: Any


def record(agent_pk: int, facts: Mapping[str, Any]) -> list[Change]:
    """Store the facts that are given, return those that changed. One query if all stand, else two.

    They are read first: what a machine was before tells more than that it changed.
    """
    held = Agent.objects.filter(pk=agent_pk).values(*facts).first()
    if held is None:
        return []
    changes = [
        Change(name, held[name], after) for name, after in facts.items() if held[name] != after
    ]
    if changes:
        Agent.objects.filter(pk=agent_pk).update(**{each.fact: each.after for each in changes})
    return changes
