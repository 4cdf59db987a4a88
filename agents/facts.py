"""What an agent reports of its machine, cleaned and kept on the agent's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.models import Agent


def record(agent_pk: int, facts: Mapping[str, Any]) -> bool:
    """Store the facts that are given; True if any of them is new. One UPDATE, none if all stand."""
    return bool(Agent.objects.filter(pk=agent_pk).exclude(**facts).update(**facts))
