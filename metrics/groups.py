"""A group of ingest requests on its way into the database: rows held back until they go together.

Two statements for all rows of a group take half the time of two a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from agents import remembered, tokens
from agents.tokens import AgentIdentity
from metrics import chunks, hotlog
from metrics.models import AgentEvent
from metrics.wire import Block

NEVER: Final = -1

_INSERT_BATCH: Final = (
    "INSERT INTO metrics_batch"
    " (agent_id, layout_id, first_ms, last_ms, received_ms, sample_count, payload)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


class State(NamedTuple):
    """What is known of an agent, as AgentState has it; see there for what each means."""

    last_seen_ms: int = 0
    deadline_ms: int = 0
    clock_skew_ms: int = 0
    backlog: int = 0
    dropped: int = 0
    stored_until_ms: int = NEVER
    latest_ms: int | None = None
    latest_layout_id: int | None = None
    latest_values: bytes = b""
    latest_processes: bytes = b""
    cpu_hour: bytes = b""


_COLUMNS: Final = ", ".join(State._fields)
_MARKS: Final = ", ".join(["%s"] * (1 + len(State._fields)))
_CHANGES: Final = ", ".join(f"{column} = excluded.{column}" for column in State._fields)
_SELECT_STATE: Final = f"SELECT {_COLUMNS} FROM metrics_agentstate WHERE agent_id = %s"  # noqa: S608
_UPSERT_STATE: Final = (
    f"INSERT INTO metrics_agentstate (agent_id, {_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
    f" ON CONFLICT (agent_id) DO UPDATE SET {_CHANGES}"
)

_states: Final = remembered.rows()


class Stored(NamedTuple):
    """What one request added."""

    samples: int
    values: int


class Group:
    """What the requests of one transaction store. Reading it back sees what is held back too."""

    def __init__(self) -> None:
        """Start empty."""
        self._batches: list[tuple[Any, ...]] = []
        self._changed: dict[int, State] = {}
        self._users: list[AgentIdentity] = []
        self._used_at: datetime | None = None
        self._events: list[AgentEvent] = []
        self.stored: list[Stored] = []

    def state_of(self, agent_pk: int) -> State:
        """Return what is known of the agent, from before this request."""
        state: State | None = self._changed.get(agent_pk) or _states.get(agent_pk)
        if state is None:
            with connection.cursor() as cursor:
                cursor.execute(_SELECT_STATE, [agent_pk])
                row = cursor.fetchone()
            state = State(*row) if row else State()
        return state

    def set_state(self, agent_pk: int, state: State) -> None:
        """Have this written as what is known of the agent."""
        self._changed[agent_pk] = state

    def note_stored(self, blocks: Sequence[Block]) -> None:
        """Count a request that is stored, for the meters."""
        samples = sum(len(block.times_ms) for block in blocks)
        self.stored.append(Stored(samples, sum(block.values.size for block in blocks)))

    def add_batch(self, agent_pk: int, layout: int, block: Block, received_ms: int) -> None:
        """Have a block's samples written as a batch."""
        times = block.times_ms
        payload = hotlog.pack(times, block.values)
        head = (agent_pk, layout, times[0], times[-1], received_ms)
        self._batches.append((*head, len(times), payload))

    def add_events(self, rows: Sequence[AgentEvent]) -> None:
        """Have it written what happened to an agent."""
        self._events.extend(rows)

    def note_use(self, identity: AgentIdentity, now: datetime) -> None:
        """Have it written that the token was used."""
        self._users.append(identity)
        self._used_at = now

    def times_between(self, agent_pk: int, *, first_ms: int, last_ms: int) -> set[int]:
        """Return the times of the agent's samples that may lie in [first_ms, last_ms]."""
        self._write_batches()
        span = {"first_ms": first_ms, "last_ms": last_ms}
        return hotlog.times_between(agent_pk, **span) | chunks.times_between(agent_pk, **span)

    def write(self) -> None:
        """Write all that is held back."""
        self._write_batches()
        if self._changed:
            with connection.cursor() as cursor:
                rows = [(agent_pk, *state) for agent_pk, state in self._changed.items()]
                cursor.executemany(_UPSERT_STATE, rows)
            for agent_pk, state in self._changed.items():
                _states.keep(agent_pk, state)
        if self._events:
            AgentEvent.objects.bulk_create(self._events)
        if self._used_at is not None:
            tokens.note_uses(self._users, now=self._used_at)

    def _write_batches(self) -> None:
        if self._batches:
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT_BATCH, self._batches)
            self._batches.clear()
