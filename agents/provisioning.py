"""Provisioning: agents made and tagged by name, from the command line and from set-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from agents.models import Agent, Tag

EXPIRES_DAYS_MAXIMUM: Final = 3650


@transaction.atomic
def ensure_agent(
    agent_id: str, *, display_name: str = "", tags: Sequence[str] = ()
) -> tuple[Agent, bool]:
    """Return the agent of this id, made if there is none, and whether it was made.

    A display name and tags that are given are set on it. Raises ValidationError for a bad name.
    """
    agent = Agent.objects.filter(agent_id=agent_id).first()
    created = agent is None
    agent = agent or Agent(agent_id=agent_id)
    agent.display_name = display_name or agent.display_name
    agent.full_clean(validate_unique=False)
    agent.save()
    agent.tags.add(*[ensure_tag(name) for name in tags])
    return agent, created


def ensure_tag(name: str) -> Tag:
    """Return the tag of this name, made if there is none. Raises ValidationError for a bad one."""
    tag = Tag.objects.filter(name=name).first() or Tag(name=name)
    tag.full_clean(validate_unique=False)
    tag.save()
    return tag
