"""All agents as of one moment, shared by every filter that is asked for in the next seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from dashboard.brief import Brief
from dashboard.fleet.lines import Line, load_lines
from dashboard.fleet.rows import FleetRow, load_rows

SECONDS: Final = 2
"""How long it serves all: less than the 5 s between two polls."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every agent's line, and the rows of those that somebody has looked at."""

    lines: list[Line]
    _rows: dict[int, FleetRow] = field(default_factory=dict)

    @classmethod
    def load(cls, *, now: datetime) -> Self:
        """Read all lines, and no row yet."""
        return cls(load_lines(now=now))

    def rows(self, lines: Sequence[Line], *, now: datetime) -> list[FleetRow]:
        """Return the rows of `lines`, in their order; those not read yet are read together."""
        missing = [line for line in lines if line.pk not in self._rows]
        if missing:
            self._rows.update((row.pk, row) for row in load_rows(missing, now=now))
        return [self._rows[line.pk] for line in lines if line.pk in self._rows]


_snapshots: Final[Brief[Snapshot]] = Brief(seconds=SECONDS, at_most=1)


def snapshot(*, now: datetime) -> Snapshot:
    """Return the fleet as of a moment ago at most."""
    return _snapshots.get("all", lambda: Snapshot.load(now=now))


def forget() -> None:
    """Read the fleet anew from now on."""
    _snapshots.forget()
