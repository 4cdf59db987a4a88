"""The states that the list of agents tells apart, and the figures that make one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agents.status import AgentStatus

HIGH_PERCENT: Final = 90
"""From here on a meter is drawn as a warning, until the rules of an installation say otherwise."""


class FleetState(StrEnum):
    """The status of an agent; one that is up and has a high meter is a warning."""

    UP = "up"
    WARNING = "warning"
    DOWN = "down"
    PAUSED = "paused"
    WAITING = "waiting"


WORST_FIRST: Final = (
    FleetState.DOWN,
    FleetState.WARNING,
    FleetState.WAITING,
    FleetState.UP,
    FleetState.PAUSED,
)


_STATES: Final = {status: FleetState(status.value) for status in AgentStatus}
_UP: Final = AgentStatus.UP


def state_of(status: AgentStatus, *shares: float | None) -> FleetState:
    """Return the state of an agent with these shares in percent, None for what it does not say."""
    if status is _UP:
        for share in shares:
            if share is not None and share >= HIGH_PERCENT:
                return FleetState.WARNING
    return _STATES[status]


@dataclass(frozen=True, slots=True)
class Meter:
    """A share in percent of a whole, which may be unknown. `name` says of what, if of several."""

    percent: float
    total: float | None = None
    name: str = ""

    @property
    def width(self) -> float:
        """The share as a width in a box of 100."""
        return round(min(max(self.percent, 0), 100), 1)

    @property
    def is_high(self) -> bool:
        """True if a person should look at it."""
        return self.percent >= HIGH_PERCENT
