"""Store a parsed body: one transaction a request, and nothing is acknowledged before its commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from agents import facts, tokens
from agents.models import offline_after
from agents.tokens import AgentIdentity
from metrics import hotlog, layouts
from metrics import samples as samples_store
from metrics.names import SeriesNames
from metrics.wire import REJECTED_SHOWN, ParsedBody, Sample

FUTURE_AT_MOST: Final = timedelta(minutes=5)
REPLAY_AFTER_INTERVALS: Final = 3
REPLAY_AFTER_AT_LEAST: Final = timedelta(seconds=120)
SAMPLES_A_REQUEST: Final = 1

_MILLISECOND: Final = timedelta(milliseconds=1)

_INSERT_BATCH: Final = (
    "INSERT INTO metrics_batch"
    " (agent_id, layout_id, first_ms, last_ms, received_ms, sample_count, payload)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_SELECT_STATE: Final = (
    "SELECT stored_until_ms, latest_ms FROM metrics_agentstate WHERE agent_id = %s"
)
_UPSERT_STATE: Final = (
    "INSERT INTO metrics_agentstate (agent_id, last_seen_ms, deadline_ms, clock_skew_ms, backlog,"
    " dropped, stored_until_ms, latest_ms, latest_layout_id, latest_values, latest_processes)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (agent_id) DO UPDATE SET last_seen_ms = excluded.last_seen_ms,"
    " deadline_ms = excluded.deadline_ms, clock_skew_ms = excluded.clock_skew_ms,"
    " backlog = excluded.backlog, dropped = excluded.dropped,"
    " stored_until_ms = excluded.stored_until_ms"
)
_WITH_LATEST: Final = (
    ", latest_ms = excluded.latest_ms, latest_layout_id = excluded.latest_layout_id,"
    " latest_values = excluded.latest_values, latest_processes = excluded.latest_processes"
)
_NEVER: Final = -1


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


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One request: who sent what, when it came, and under which layout each series list goes."""

    identity: AgentIdentity
    body: ParsedBody
    received_ms: int
    layouts: Mapping[SeriesNames, int]


class _Known(NamedTuple):
    """Up to where the agent's samples are stored, and when its latest live one was taken."""

    stored_until_ms: int
    latest_ms: int


def store_batch(
    identity: AgentIdentity, body: ParsedBody, *, received_at: datetime, address: str | None = None
) -> Receipt:
    """Store the body's good samples under the token's agent and say what became of each.

    Raises the first WireError of a body in which every sample is malformed, for then its sender has
    a fault to mend. A sample that is only too old or too far ahead never does that.
    """
    if not body.samples:
        raise body.errors[0][1]
    received_ms = round(received_at.timestamp() * 1000)
    rejected = [(index, error.code) for index, error in body.errors]
    samples = _within_window(body.samples, received_ms, rejected)
    samples.sort(key=_time_ms)
    # Before the transaction: an id is remembered, so it must not be undone with it.
    names = {sample.series for sample in samples}
    arrival = _Arrival(identity, body, received_ms, {name: layouts.id_of(name) for name in names})
    with transaction.atomic(), connection.cursor() as cursor:
        known = _known(cursor, identity.agent_pk)
        fresh = _without_stored(samples, identity.agent_pk, known)
        _insert_batches(cursor, arrival, fresh)
        _write_state(cursor, arrival, fresh, known)
        tokens.note_use(identity, now=received_at)
        if body.facts:
            facts.record(identity.agent_pk, {**body.facts, "address": address})
    return Receipt(
        accepted=len(fresh),
        duplicate=len(samples) - len(fresh),
        rejected=sorted(rejected),
        server_time=received_ms / 1000,
        interval_seconds=identity.interval_seconds,
    )


def _within_window(
    samples: Sequence[Sample], received_ms: int, rejected: list[tuple[int, str]]
) -> list[Sample]:
    """Return the samples that are neither too old nor too far ahead; note the others."""
    newest = received_ms + FUTURE_AT_MOST // _MILLISECOND
    days = settings.RETENTION_RAW_DAYS
    oldest = received_ms - timedelta(days=days) // _MILLISECOND if days else 0
    kept = []
    for sample in samples:
        if sample.time_ms > newest:
            rejected.append((sample.index, "future"))
        elif sample.time_ms < oldest:
            rejected.append((sample.index, "too_old"))
        else:
            kept.append(sample)
    return kept


def _known(cursor: CursorWrapper, agent_pk: int) -> _Known:
    cursor.execute(_SELECT_STATE, [agent_pk])
    row = cursor.fetchone()
    return _Known(row[0], _NEVER if row[1] is None else row[1]) if row else _Known(_NEVER, _NEVER)


def _without_stored(samples: list[Sample], agent_pk: int, known: _Known) -> list[Sample]:
    """Return the samples whose time is not stored yet, each time once.

    The look-up is skipped where every sample is newer than all that the agent ever sent, which is
    every live request.
    """
    if not samples:
        return samples
    first_ms, last_ms = samples[0].time_ms, samples[-1].time_ms
    seen: set[int] = set()
    if first_ms <= known.stored_until_ms:
        seen = samples_store.times_between(agent_pk, first_ms=first_ms, last_ms=last_ms)
    fresh = []
    for sample in samples:
        if sample.time_ms not in seen:
            seen.add(sample.time_ms)
            fresh.append(sample)
    return fresh


def _insert_batches(cursor: CursorWrapper, arrival: _Arrival, fresh: Sequence[Sample]) -> None:
    """Insert a batch a layout: one, but for a request in which a mount or interface came or went.

    One matrix over all series that a request names would let 200 KB of different names become
    hundreds of megabytes of empty cells.
    """
    groups: dict[int, list[Sample]] = {}
    for sample in fresh:
        groups.setdefault(arrival.layouts[sample.series], []).append(sample)
    for layout, group in groups.items():
        times = [sample.time_ms for sample in group]
        payload = hotlog.pack(times, [sample.row for sample in group])
        head = (arrival.identity.agent_pk, layout, times[0], times[-1], arrival.received_ms)
        cursor.execute(_INSERT_BATCH, (*head, len(times), payload))


def _write_state(
    cursor: CursorWrapper, arrival: _Arrival, fresh: Sequence[Sample], known: _Known
) -> None:
    """Note that the agent was heard of, and its newest sample where that came live."""
    identity, body, received_ms = arrival.identity, arrival.body, arrival.received_ms
    newest = fresh[-1] if fresh else None
    latest = _latest(arrival, newest, known) if newest else None
    row = (
        identity.agent_pk,
        received_ms,
        received_ms + offline_after(identity.interval_seconds) // _MILLISECOND,
        received_ms - round(body.sent_at * 1000) if body.sent_at is not None else 0,
        body.backlog,
        body.dropped,
        max(known.stored_until_ms, newest.time_ms if newest else _NEVER),
        *(latest or (None, None, b"", b"")),
    )
    cursor.execute(_UPSERT_STATE + (_WITH_LATEST if latest else ""), row)


def _latest(
    arrival: _Arrival, newest: Sample, known: _Known
) -> tuple[int, int, bytes, bytes] | None:
    """Return the latest columns of the agent's state; None if the newest sample is a replay.

    What is a replay is told by the sender's own clock, for it may be wrong by hours. A latest
    sample of the future, from before a clock was put right, gives way to any live one.
    """
    interval = timedelta(seconds=arrival.identity.interval_seconds)
    replay_after = max(interval * REPLAY_AFTER_INTERVALS, REPLAY_AFTER_AT_LEAST)
    sent_at = arrival.body.sent_at
    sent_ms = arrival.received_ms if sent_at is None else round(sent_at * 1000)
    age_ms = min(arrival.received_ms, sent_ms) - newest.time_ms
    is_newer = newest.time_ms > known.latest_ms or known.latest_ms > arrival.received_ms
    if not is_newer or age_ms > replay_after // _MILLISECOND:
        return None
    processes = msgspec.json.encode(newest.processes) if newest.processes else b""
    layout = arrival.layouts[newest.series]
    return newest.time_ms, layout, hotlog.pack_row(newest.row), processes


def _time_ms(sample: Sample) -> int:
    return sample.time_ms
