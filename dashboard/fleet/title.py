"""The title of the fleet's page: what is down, for who has the page in a tab behind others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.fleet.lines import Line
from dashboard.fleet.state import FleetState

NAMED_AT_MOST: Final = 2
_TITLE: Final = "Agents \N{EN DASH} taraSysDash"


def title_of(lines: Sequence[Line]) -> str:
    """Return "(3) janus, nyx and 1 more down" and the page's name; of all lines, none filtered.

    The number comes first, because a narrow tab shows no more than that.
    """
    down = [line.name for line in lines if line.state is FleetState.DOWN]
    if not down:
        return _TITLE
    named = ", ".join(down[:NAMED_AT_MOST])
    more = len(down) - NAMED_AT_MOST
    others = f" and {more} more" if more > 0 else ""
    return f"({len(down)}) {named}{others} down \N{EN DASH} {_TITLE}"
