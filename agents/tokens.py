"""Agents' tokens: issue, find, rotate and revoke. The plain text is returned once and never kept.

What a token looks like stands in agents.minting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from agents import minting, remembered
from agents.minting import digest
from agents.models import Agent, AgentToken

LIVE_TOKENS_AT_MOST: Final = 2
ROTATION_OVERLAP: Final = timedelta(hours=24)
LAST_USED_EVERY: Final = timedelta(minutes=1)


_identities: Final = remembered.rows()
_used_at: Final = remembered.rows()


class TooManyTokens(Exception):  # noqa: N818  (reads as the claim it is)
    """The agent holds as many live tokens as it may; `prefixes` are theirs."""

    def __init__(self, agent: Agent, prefixes: list[str]) -> None:
        """Carry whose tokens and which."""
        super().__init__(agent, prefixes)
        self.agent = agent
        self.prefixes = prefixes

    def __str__(self) -> str:
        """Say what to do about it."""
        return (
            f"{self.agent.agent_id} holds {len(self.prefixes)} live tokens already "
            f"({', '.join(f'{prefix}…' for prefix in self.prefixes)}). "
            "Revoke one in the admin, or rotate."
        )


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token's row and its plain text, which exists nowhere else."""

    row: AgentToken
    plain: str


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """Who a live token stands for; what DRF has as `request.user` on ingest."""

    agent_pk: int
    agent_id: str
    interval_seconds: int
    token_pk: int
    last_used_at: datetime | None
    expires_at: datetime | None = None
    watched_until: datetime | None = None
    is_authenticated: bool = True


def find(plain: str, *, now: datetime) -> AgentIdentity | None:
    """Return whose token `plain` is; None if unknown, revoked, expired or disabled.

    One look-up by digest, or none where the process may believe what it remembers. Written by hand
    because the ORM's share of it was a third of what a whole ingest request costs (docs/adr/0003).
    """
    key = digest(plain)
    identity: AgentIdentity | None = _identities.get(key) if remembered.is_believed() else None
    if identity is None:
        identity = _look_up(key) if minting.AGENT.is_well_formed(plain) else None
        if identity is None:
            return None
        _identities.keep(key, identity)
    if identity.expires_at is not None and identity.expires_at <= now:
        return None
    return identity


def _look_up(key: str) -> AgentIdentity | None:
    """Return whose token has this digest, expired or not; None if revoked or disabled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, a.agent_id, a.interval_seconds, t.id, t.last_used_at, t.expires_at, "
            "a.watched_until FROM agents_agenttoken t JOIN agents_agent a ON a.id = t.agent_id "
            "WHERE t.digest = %s AND t.revoked_at IS NULL AND a.enabled",
            [key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return AgentIdentity(*row[:4], *map(_aware, row[4:]))


def live(agent: Agent, *, now: datetime) -> QuerySet[AgentToken]:
    """Return the agent's live tokens, the most recently used first, never used ones last."""
    return agent.tokens.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True
    ).order_by(F("last_used_at").desc(nulls_last=True), "-created_at", "-pk")


@transaction.atomic
def issue(
    agent: Agent,
    *,
    now: datetime,
    name: str = "",
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> IssuedToken:
    """Give the agent one more token. Raises TooManyTokens if it holds two live ones."""
    prefixes = [token.prefix for token in live(agent, now=now)]
    if len(prefixes) >= LIVE_TOKENS_AT_MOST:
        raise TooManyTokens(agent, prefixes)
    plain = minting.AGENT.mint()
    row = AgentToken.objects.create(
        agent=agent,
        name=name,
        digest=digest(plain),
        prefix=plain[: minting.AGENT.shown],
        expires_at=expires_at,
        created_by=created_by,
    )
    return IssuedToken(row=row, plain=plain)


@transaction.atomic
def rotate(
    agent: Agent,
    *,
    now: datetime,
    name: str = "",
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> IssuedToken:
    """Give the agent a new token; the one in use works for another 24 h, any other ends now.

    Of two live tokens the one used last is kept: whoever rotates twice because the first new token
    was lost must not cut off the machine.
    """
    for position, token in enumerate(live(agent, now=now)):
        if position == 0:
            ends_at = now + ROTATION_OVERLAP
            token.expires_at = min(token.expires_at or ends_at, ends_at)
            token.save(update_fields=["expires_at"])
        else:
            revoke(token, now=now)
    return issue(agent, now=now, name=name, expires_at=expires_at, created_by=created_by)


def revoke(token: AgentToken, *, now: datetime) -> None:
    """End a token at once. Revoking it again changes nothing."""
    AgentToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def note_uses(identities: Iterable[AgentIdentity], *, now: datetime) -> None:
    """Remember that these tokens were used, at most once a minute each. One statement, or none."""
    due = {identity.token_pk for identity in identities if _is_due(identity, now)}
    if not due:
        return
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE agents_agenttoken SET last_used_at = %s WHERE id = %s",
            [(moment, token) for token in due],
        )
    for token in due:
        _used_at.keep(token, now)


def _is_due(identity: AgentIdentity, now: datetime) -> bool:
    """True if a minute has passed since the token's use was last written."""
    used_at = _used_at.get(identity.token_pk) or identity.last_used_at
    return used_at is None or now - used_at >= LAST_USED_EVERY


def _aware(stored: datetime | None) -> datetime | None:
    """Return a stored moment as aware UTC; SQLite hands it over without a zone."""
    return stored.replace(tzinfo=UTC) if stored is not None else None
