"""The smallest valid rows and bodies; a test names what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.utils import timezone

from agents import enrolment, provisioning, read_tokens, tokens
from agents.models import Agent, StatusPage
from agents.tokens import AgentIdentity
from metrics import parsing
from metrics.ingest import Receipt, store_batch
from metrics.wire import ParsedBody

Values = dict[str, float | dict[str, float]]


def make_agent(agent_id: str = "web-1", **fields: Any) -> Agent:
    """Return a stored agent."""
    agent, _ = provisioning.ensure_agent(agent_id)
    for name, value in fields.items():
        setattr(agent, name, value)
    agent.save()
    return agent


def make_token(agent: Agent, **fields: Any) -> str:
    """Return the plain text of a new token of the agent."""
    return tokens.issue(agent, now=timezone.now(), **fields).plain


def make_read_token(name: str = "grafana", **fields: Any) -> str:
    """Return the plain text of a new read token."""
    return read_tokens.issue(name, **fields).plain


def make_enrolment_key(**fields: Any) -> str:
    """Return the plain text of a new enrolment key for one machine and an hour."""
    fields.setdefault("expires_at", timezone.now() + timedelta(hours=1))
    return enrolment.issue(**fields).plain


def make_status_page(slug: str = "shop", tag: str = "shop", **fields: Any) -> StatusPage:
    """Return a stored status page of a tag, public unless said otherwise."""
    fields = {"title": "Web shop", "is_public": True, **fields}
    return StatusPage.objects.create(slug=slug, tag=provisioning.ensure_tag(tag), **fields)


def identity_of(agent: Agent) -> AgentIdentity:
    """Return what a live token of the agent stands for."""
    return AgentIdentity(
        agent_pk=agent.pk,
        agent_id=agent.agent_id,
        interval_seconds=agent.interval_seconds,
        token_pk=0,
        last_used_at=timezone.now(),
    )


def sample(at: float, **values: float | dict[str, float]) -> dict[str, Any]:
    """Return one sample of a body."""
    return {"time": at, "values": values or {"cpu_percent": 12.5}}


def body(*samples: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    """Return a body of these samples."""
    return {"version": 1, "samples": list(samples), **envelope}


def parsed(*samples: dict[str, Any], **envelope: Any) -> ParsedBody:
    """Return a body of these samples as ingest reads it."""
    return parsing.parse(msgspec.json.encode(body(*samples, **envelope)))


def store(agent: Agent, *samples: dict[str, Any], received_at: datetime | None = None) -> Receipt:
    """Store samples as ingest does; they arrive when the newest was taken."""
    newest = max(entry["time"] for entry in samples)
    return store_batch(
        identity_of(agent),
        parsed(*samples),
        received_at=received_at or datetime.fromtimestamp(newest, tz=UTC),
    )
