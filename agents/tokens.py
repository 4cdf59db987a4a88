"""Tokens: mint, recognise, find, rotate and revoke. The plain text is returned once and never kept.

A token is `tara_`, 43 base64url characters (256 random bits) and 6 characters of CRC-32 in base62
over all before it. The checksum lets scanners find a leaked token and lets a typo fail without a
look-up. A plain SHA-256 is enough to store it by: 256 random bits cannot be guessed, so there is
nothing for a slow hash to slow down.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from agents import remembered
from agents.models import Agent, AgentToken

PREFIX: Final = "tara_"
PREFIX_SHOWN: Final = 12
LIVE_TOKENS_AT_MOST: Final = 2
ROTATION_OVERLAP: Final = timedelta(hours=24)
LAST_USED_EVERY: Final = timedelta(minutes=1)

_RANDOM_BYTES: Final = 32
_CHECKSUM_LENGTH: Final = 6
_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM: Final = re.compile(r"tara_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}")


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
    is_authenticated: bool = True


def mint() -> str:
    """Return a new token."""
    body = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return body + _checksum(body)


def is_well_formed(plain: str) -> bool:
    """True if `plain` has a token's form and its checksum fits."""
    return (
        _FORM.fullmatch(plain) is not None
        and _checksum(plain[:-_CHECKSUM_LENGTH]) == plain[-_CHECKSUM_LENGTH:]
    )


def digest(plain: str) -> str:
    """Return what a token is stored and found by."""
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def find(plain: str, *, now: datetime) -> AgentIdentity | None:
    """Return whose token `plain` is; None if unknown, revoked, expired or disabled.

    One look-up by digest, or none where the process may believe what it remembers. Written by hand
    because the ORM's share of it was a third of what a whole ingest request costs (docs/adr/0003).
    """
    key = hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
    identity: AgentIdentity | None = _identities.get(key) if remembered.is_believed() else None
    if identity is None:
        identity = _look_up(key) if is_well_formed(plain) else None
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
            "SELECT a.id, a.agent_id, a.interval_seconds, t.id, t.last_used_at, t.expires_at "
            "FROM agents_agenttoken t JOIN agents_agent a ON a.id = t.agent_id "
            "WHERE t.digest = %s AND t.revoked_at IS NULL AND a.enabled",
            [key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return AgentIdentity(row[0], row[1], row[2], row[3], _aware(row[4]), _aware(row[5]))


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
    plain = mint()
    row = AgentToken.objects.create(
        agent=agent,
        name=name,
        digest=digest(plain),
        prefix=plain[:PREFIX_SHOWN],
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


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def _aware(stored: datetime | None) -> datetime | None:
    """Return a stored moment as aware UTC; SQLite hands it over without a zone."""
    return stored.replace(tzinfo=UTC) if stored is not None else None
