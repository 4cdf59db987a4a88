"""Enrolment keys: issue, revoke, and trade one for an agent with a token of its own.

A key is made for a number of machines and some hours, so that one line can be pasted into many
terminals or an installer's script, and is worth nothing to who finds it there later.

    EnrolmentError
    ├── KeyRefused      unknown, revoked, expired, used up, or sent from another network
    └── AgentExists     there is an agent of this id; the key is not spent
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F

from agents import minting, tokens
from agents.models import Agent, EnrolmentKey
from agents.provisioning import ensure_tag
from agents.tokens import IssuedToken

HOURS_DEFAULT: Final = 24
HOURS_MAXIMUM: Final = 24 * 365

logger = logging.getLogger(__name__)


class EnrolmentError(Exception):
    """No agent was enrolled."""


class KeyRefused(EnrolmentError):  # noqa: N818  (reads as the claim it is)
    """The key opens nothing for this sender; why is not told, so that nothing can be probed."""


class AgentExists(EnrolmentError):  # noqa: N818  (reads as the claim it is)
    """There is an agent called `agent_id`; a key makes new ones only."""

    def __init__(self, agent_id: str) -> None:
        """Carry which."""
        super().__init__(agent_id)
        self.agent_id = agent_id


class IssuedKey(NamedTuple):
    """A new key's row and its plain text, which exists nowhere else."""

    row: EnrolmentKey
    plain: str


@transaction.atomic
def issue(
    *,
    expires_at: datetime,
    uses_allowed: int = 1,
    name: str = "",
    network: str = "",
    tags: Sequence[str] = (),
) -> IssuedKey:
    """Make a key for so many machines. Raises ValidationError for a field or tag that is wrong."""
    row = EnrolmentKey(expires_at=expires_at, uses_allowed=uses_allowed, name=name, network=network)
    row.clean_fields(exclude=["digest", "prefix", "created_by"])
    issued = issue_into(row)
    row.tags.set([ensure_tag(each) for each in tags])
    return issued


def issue_into(row: EnrolmentKey) -> IssuedKey:
    """Give a row that is not stored yet its key, and store it."""
    plain = minting.ENROL.mint()
    row.digest = minting.digest(plain)
    row.prefix = plain[: minting.ENROL.shown]
    row.save(force_insert=True)
    return IssuedKey(row=row, plain=plain)


def expiry(hours: int, *, now: datetime) -> datetime:
    """Return when a key of so many hours ends."""
    return now + timedelta(hours=hours)


def revoke(key: EnrolmentKey, *, now: datetime) -> None:
    """End a key at once; the agents that enrolled with it stay. Again, it changes nothing."""
    EnrolmentKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)


@transaction.atomic
def enrol(plain: str, agent_id: str, *, address: str, now: datetime) -> IssuedToken:
    """Spend one use of the key on a new agent, tagged as the key says; return its first token.

    Raises KeyRefused, AgentExists, and ValidationError for a bad agent id; none of them costs a
    use. An agent that exists is never given away: whoever found a key could then speak for it.
    """
    key = _spent(plain, address=address, now=now)
    agent = Agent(agent_id=agent_id)
    agent.full_clean(validate_unique=False)
    try:
        agent.save(force_insert=True)
    except IntegrityError as error:
        raise AgentExists(agent_id) from error
    agent.tags.set(key.tags.all())
    issued = tokens.issue(agent, now=now, name=f"enrolled with {key}", created_by=key.created_by)
    logger.info("agent %s enrolled from %s with key %s", agent_id, address, key)
    return issued


def _spent(plain: str, *, address: str, now: datetime) -> EnrolmentKey:
    """Count one use of the key and return it. Raises KeyRefused.

    The count and its bound are one UPDATE: of any number of machines that send the key at the
    same moment, as many get in as it was made for.
    """
    if not minting.ENROL.is_well_formed(plain):
        raise KeyRefused
    live = EnrolmentKey.objects.filter(
        digest=minting.digest(plain),
        revoked_at__isnull=True,
        expires_at__gt=now,
        uses__lt=F("uses_allowed"),
    )
    key = live.select_related("created_by").first()
    if key is None or not _is_within(address, key.network):
        raise KeyRefused
    if not live.update(uses=F("uses") + 1, last_used_at=now):
        raise KeyRefused
    return key


def _is_within(address: str, network: str) -> bool:
    """True if the address is in the network; without a network, every address is."""
    if not network:
        return True
    try:
        sender = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A server that listens on IPv6 sees IPv4 senders as ::ffff:10.0.0.1.
    return (getattr(sender, "ipv4_mapped", None) or sender) in ipaddress.ip_network(network)
