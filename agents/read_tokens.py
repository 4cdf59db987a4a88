"""Read tokens: issue, find and revoke. A program reads the API with one; it can send nothing.

They look like agents' tokens with a prefix of their own (agents.minting), so that neither kind
passes for the other and a person sees at a glance which one leaked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import OperationalError, connection

from agents import minting
from agents.models import ReadToken

LAST_USED_EVERY: Final = timedelta(minutes=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedReadToken:
    """A new token's row and its plain text, which exists nowhere else."""

    row: ReadToken
    plain: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The program that a live read token stands for; what DRF has as `request.user`."""

    token_pk: int
    name: str
    last_used_at: datetime | None
    is_authenticated: bool = True


def issue(
    name: str, *, expires_at: datetime | None = None, created_by: User | None = None
) -> IssuedReadToken:
    """Make a token for the program called `name`; there may be several. Raises ValidationError."""
    row = ReadToken(name=name, expires_at=expires_at, created_by=created_by)
    row.clean_fields(exclude=["digest", "prefix", "created_by"])
    return issue_into(row)


def issue_into(row: ReadToken) -> IssuedReadToken:
    """Give a row that is not stored yet its token, and store it."""
    plain = minting.READ.mint()
    row.digest = minting.digest(plain)
    row.prefix = plain[: minting.READ.shown]
    row.save(force_insert=True)
    return IssuedReadToken(row=row, plain=plain)


def find(plain: str, *, now: datetime) -> Reader | None:
    """Return the program whose token `plain` is; None if unknown, revoked or expired. One query.

    By hand, as for agents: the ORM takes 0.15 ms more, a twentieth of what a chart may take.
    """
    if not minting.READ.is_well_formed(plain):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, last_used_at, expires_at FROM agents_readtoken"
            " WHERE digest = %s AND revoked_at IS NULL",
            [minting.digest(plain)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    expires_at = _aware(row[3])
    if expires_at is not None and expires_at <= now:
        return None
    return Reader(row[0], row[1], last_used_at=_aware(row[2]))


def revoke(token: ReadToken, *, now: datetime) -> None:
    """End a token at once. Revoking it again changes nothing."""
    ReadToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def note_use(reader: Reader, *, now: datetime) -> None:
    """Remember that the token was used, at most once a minute; reading goes on where that fails."""
    if reader.last_used_at is not None and now - reader.last_used_at < LAST_USED_EVERY:
        return
    try:
        ReadToken.objects.filter(pk=reader.token_pk).update(last_used_at=now)
    except OperationalError as error:
        logger.warning("the use of read token %d was not noted: %s", reader.token_pk, error)


def _aware(stored: datetime | None) -> datetime | None:
    """Return a stored moment as aware UTC; SQLite hands it over without a zone."""
    return stored.replace(tzinfo=UTC) if stored is not None else None
