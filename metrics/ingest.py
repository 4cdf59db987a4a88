"""Store a parsed body: one transaction a request, and nothing is acknowledged before its commit."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
class _Matrix:
    """Samples of one request under one layout, in order of time; `rows` has the same length."""

    layout: int
    samples: Sequence[Sample]
    rows: Sequence[Sequence[float]]


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
    samples.sort(key=lambda sample: sample.time_ms)
    matrix = _matrix(samples)
    with transaction.atomic(), connection.cursor() as cursor:
        known = _known(cursor, identity.agent_pk)
        matrix = _without_stored(identity.agent_pk, matrix, known)
        _insert_batch(cursor, identity, matrix, received_ms=received_ms)
        _write_state(cursor, identity, body, matrix, known, received_ms=received_ms)
        tokens.note_use(identity, now=received_at)
        if body.facts:
            facts.record(identity.agent_pk, {**body.facts, "address": address})
    return Receipt(
        accepted=len(matrix.samples),
        duplicate=len(samples) - len(matrix.samples),
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


def _matrix(samples: Sequence[Sample]) -> _Matrix:
    """Return the samples as rows of one layout; a series that some lack is NaN in their rows."""
    if not samples:
        return _Matrix(0, [], [])
    first = samples[0].series
    if all(sample.series == first for sample in samples):
        return _Matrix(layouts.id_of(first), samples, [sample.row for sample in samples])
    union: SeriesNames = tuple(dict.fromkeys(key for sample in samples for key in sample.series))
    tables = [dict(zip(sample.series, sample.row, strict=True)) for sample in samples]
    rows = [[table.get(key, math.nan) for key in union] for table in tables]
    return _Matrix(layouts.id_of(union), samples, rows)


def _known(cursor: CursorWrapper, agent_pk: int) -> _Known:
    cursor.execute(_SELECT_STATE, [agent_pk])
    row = cursor.fetchone()
    return _Known(row[0], _NEVER if row[1] is None else row[1]) if row else _Known(_NEVER, _NEVER)


def _without_stored(agent_pk: int, matrix: _Matrix, known: _Known) -> _Matrix:
    """Return the matrix without samples whose time is stored already, each time once.

    The look-up is skipped where every sample is newer than all that the agent ever sent, which is
    every live request.
    """
    if not matrix.samples:
        return matrix
    first_ms, last_ms = matrix.samples[0].time_ms, matrix.samples[-1].time_ms
    seen: set[int] = set()
    if first_ms <= known.stored_until_ms:
        seen = hotlog.times_between(agent_pk, first_ms=first_ms, last_ms=last_ms)
    fresh = []
    for position, sample in enumerate(matrix.samples):
        if sample.time_ms not in seen:
            seen.add(sample.time_ms)
            fresh.append(position)
    if len(fresh) == len(matrix.samples):
        return matrix
    samples = [matrix.samples[position] for position in fresh]
    return _Matrix(matrix.layout, samples, [matrix.rows[position] for position in fresh])


def _insert_batch(
    cursor: CursorWrapper, identity: AgentIdentity, matrix: _Matrix, *, received_ms: int
) -> None:
    if not matrix.samples:
        return
    times = [sample.time_ms for sample in matrix.samples]
    payload = hotlog.pack(times, matrix.rows)
    row: list[Any] = [
        identity.agent_pk,
        matrix.layout,
        times[0],
        times[-1],
        received_ms,
        len(times),
        payload,
    ]
    cursor.execute(_INSERT_BATCH, row)


def _write_state(
    cursor: CursorWrapper,
    identity: AgentIdentity,
    body: ParsedBody,
    matrix: _Matrix,
    known: _Known,
    *,
    received_ms: int,
) -> None:
    """Note that the agent was heard of, and its newest sample where that came live."""
    newest_ms = matrix.samples[-1].time_ms if matrix.samples else _NEVER
    latest = _latest(identity, matrix, known, received_ms=received_ms)
    row: list[Any] = [
        identity.agent_pk,
        received_ms,
        received_ms + offline_after(identity.interval_seconds) // _MILLISECOND,
        received_ms - round(body.sent_at * 1000) if body.sent_at is not None else 0,
        body.backlog,
        body.dropped,
        max(known.stored_until_ms, newest_ms),
        *(latest or (None, None, b"", b"")),
    ]
    cursor.execute(_UPSERT_STATE + (_WITH_LATEST if latest else ""), row)


def _latest(
    identity: AgentIdentity, matrix: _Matrix, known: _Known, *, received_ms: int
) -> tuple[int, int, bytes, bytes] | None:
    """Return the latest columns of the agent's state; None if the newest sample is a replay."""
    if not matrix.samples:
        return None
    newest = matrix.samples[-1]
    interval = timedelta(seconds=identity.interval_seconds)
    replay_after = max(interval * REPLAY_AFTER_INTERVALS, REPLAY_AFTER_AT_LEAST)
    age_ms = received_ms - newest.time_ms
    if newest.time_ms <= known.latest_ms or age_ms > replay_after // _MILLISECOND:
        return None
    values = hotlog.pack_row(matrix.rows[-1])
    processes = msgspec.json.encode(newest.processes) if newest.processes else b""
    return newest.time_ms, matrix.layout, values, processes
