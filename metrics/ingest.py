"""Store parsed bodies: a group of requests is one transaction, acknowledged after its commit.

One commit for many requests is what a busy server needs, because a durable one waits for the disk:
whatever waits while a group is written becomes the next group. A lone request is a group of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from agents import facts, remembered, watching
from agents.models import offline_after
from agents.tokens import AgentIdentity
from metrics import cpu_hour, events, hotlog, layouts, processes, sifting
from metrics.groups import NEVER, Group, State
from metrics.wire import REJECTED_SHOWN, Block, ParsedBody

FUTURE_AT_MOST: Final = timedelta(minutes=5)
REPLAY_AFTER_INTERVALS: Final = 3
REPLAY_AFTER_AT_LEAST: Final = timedelta(seconds=120)
SAMPLES_A_REQUEST: Final = 1

_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of each sample of a body, once it is durable."""

    accepted: int
    duplicate: int
    rejected: list[tuple[int, str]]
    server_time: float
    interval_seconds: int

    def as_json(self) -> dict[str, Any]:
        """Return the 200 answer. `rejected` names the first 20 only."""
        return {
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "rejected": self.rejected[:REJECTED_SHOWN],
            "server_time": self.server_time,
            "next": {"interval_seconds": self.interval_seconds, "batch": SAMPLES_A_REQUEST},
        }


@contextmanager
def group() -> Iterator[Group]:
    """Give a group to store bodies in. They are durable when this ends, and not before.

    Where it ends with an exception, nothing of the group is stored.
    """
    try:
        with transaction.atomic(), remembered.believing():
            requests = Group()
            yield requests
            requests.write()
    except BaseException:
        remembered.forget()
        layouts.forget()
        raise


def store_batch(
    identity: AgentIdentity, body: ParsedBody, *, received_at: datetime, address: str | None = None
) -> Receipt:
    """Store one body, durably; see `store`."""
    with group() as alone:
        return store(alone, identity, body, received_at=received_at, address=address)


def store(
    group: Group,
    identity: AgentIdentity,
    body: ParsedBody,
    *,
    received_at: datetime,
    address: str | None = None,
) -> Receipt:
    """Store the body's good samples under the token's agent and say what became of each.

    Raises the first WireError of a body in which every sample is malformed, for then its sender has
    a fault to mend. A sample that is only too old or too far ahead never does that.
    """
    if not body.blocks:
        raise body.errors[0][1]
    agent_pk = identity.agent_pk
    received_ms = round(received_at.timestamp() * 1000)
    state = group.state_of(agent_pk)
    sifted = sifting.sift(
        body.blocks,
        _window(received_ms),
        stored_until_ms=state.stored_until_ms,
        look_up=lambda first, last: group.times_between(agent_pk, first_ms=first, last_ms=last),
    )
    _add_batches(group, agent_pk, sifted.blocks, received_ms)
    group.set_state(agent_pk, _next_state(state, identity, body, sifted.blocks, received_ms))
    group.note_use(identity, received_at)
    group.note_stored(sifted.blocks)
    _note_contact(group, agent_pk, state, body, received_ms)
    if body.facts:
        changes = facts.record(agent_pk, {**body.facts, "address": address})
        group.add_events(events.of_changes(changes, agent_pk=agent_pk, received_ms=received_ms))
    return _receipt(identity, body, sifted, received_at)


def _receipt(
    identity: AgentIdentity, body: ParsedBody, sifted: sifting.Sifted, received_at: datetime
) -> Receipt:
    """Return what became of each sample of a body, and the interval to go on with."""
    rejected = [(index, error.code) for index, error in body.errors] + sifted.rejected
    return Receipt(
        accepted=sum(len(block.times_ms) for block in sifted.blocks),
        duplicate=sifted.duplicate,
        rejected=sorted(rejected),
        server_time=round(received_at.timestamp() * 1000) / 1000,
        interval_seconds=watching.interval_seconds(
            identity.interval_seconds, watched_until=identity.watched_until, now=received_at
        ),
    )


def _note_contact(
    group: Group, agent_pk: int, state: State, body: ParsedBody, received_ms: int
) -> None:
    """Note that an agent is heard of for the first time, or again after a silence."""
    if received_ms <= state.deadline_ms:  # at once true for a request that is nothing special
        return
    contact = {"agent_pk": agent_pk, "received_ms": received_ms, "backlog": body.backlog}
    group.add_events(events.of_contact(state, **contact))


def _window(received_ms: int) -> sifting.Window:
    days = settings.RETENTION_RAW_DAYS
    return sifting.Window(
        oldest_ms=received_ms - timedelta(days=days) // _MILLISECOND if days else 0,
        newest_ms=received_ms + FUTURE_AT_MOST // _MILLISECOND,
    )


def _add_batches(group: Group, agent_pk: int, blocks: Sequence[Block], received_ms: int) -> None:
    """Add a batch a block: one, but for a request in which a mount or interface came or went.

    One matrix over all series that a request names would let 200 KB of different names become
    hundreds of megabytes of empty cells.
    """
    for block in blocks:
        layout = layouts.id_of(block.series)
        layouts.note_sent(agent_pk, layout, block.series)
        group.add_batch(agent_pk, layout, block, received_ms)


def _next_state(
    state: State,
    identity: AgentIdentity,
    body: ParsedBody,
    blocks: Sequence[Block],
    received_ms: int,
) -> State:
    """Return what is known of the agent after this body."""
    newest = max(blocks, key=lambda block: block.times_ms[-1], default=None)
    sent_ms = received_ms if body.sent_at is None else round(body.sent_at * 1000)
    heard = state._replace(
        last_seen_ms=received_ms,
        deadline_ms=received_ms + offline_after(identity.interval_seconds) // _MILLISECOND,
        clock_skew_ms=received_ms - sent_ms,
        backlog=body.backlog,
        dropped=body.dropped,
    )
    if newest is None:
        return heard
    newest_ms = newest.times_ms[-1]
    heard = heard._replace(
        stored_until_ms=max(state.stored_until_ms, newest_ms),
        cpu_hour=cpu_hour.added(state.cpu_hour, blocks, received_ms=received_ms),
    )
    age_ms = min(received_ms, sent_ms) - newest_ms
    if not _is_live(newest_ms, age_ms, state, identity, received_ms):
        return heard
    return heard._replace(
        latest_ms=newest_ms,
        latest_layout_id=layouts.id_of(newest.series),
        latest_values=hotlog.pack_values(newest.values[-1:]),
        latest_processes=processes.newest_of(blocks) or state.latest_processes,
    )


def _is_live(
    newest_ms: int, age_ms: int, state: State, identity: AgentIdentity, received_ms: int
) -> bool:
    """True if a sample shows how the machine is, False for a replay.

    What is a replay is told by the sender's own clock, for it may be wrong by hours. A latest
    sample of the future, from before a clock was put right, gives way to any live one.
    """
    interval = timedelta(seconds=identity.interval_seconds)
    replay_after = max(interval * REPLAY_AFTER_INTERVALS, REPLAY_AFTER_AT_LEAST)
    latest_ms = NEVER if state.latest_ms is None else state.latest_ms
    is_newer = newest_ms > latest_ms or latest_ms > received_ms
    return is_newer and age_ms <= replay_after // _MILLISECOND
