"""What the address of the fleet asks for: filters, order and page; and addresses that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from dashboard.fleet.lines import Line

WORST: Final = "worst"
PAGE_ROWS: Final = 100
"""A page draws in a tenth of a second, and two dozen agents fill less than two screens of it."""

_COLUMNS: Final = (
    ("Agent", "name"),
    ("System", "system"),
    ("CPU", "-cpu"),
    ("Memory", "-memory"),
    ("Disk", "-disk"),
    ("Network", "-network"),
    ("CPU, 1 h", "-hour"),
    ("Tags", "tags"),
    ("Last report", "seen"),
)


@dataclass(frozen=True, slots=True)
class FleetQuery:
    """What the address asks for. An empty field asks for everything."""

    q: str = ""
    tag: str = ""
    system: str = ""
    status: str = ""
    sort: str = WORST
    page: int = 1

    def address(self, **changes: str | int) -> str:
        """Return the query string of this query with `changes`; "?" where it says nothing.

        Another filter or order starts on the first page again.
        """
        wanted = replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]
        said = {name: value for name, value in asdict(wanted).items() if value != DEFAULTS[name]}
        return f"?{urlencode(said)}"

    @property
    def is_filtered(self) -> bool:
        """True if not every agent is asked for."""
        return bool(self.q or self.tag or self.system or self.status)


DEFAULTS: Final[Mapping[str, str | int]] = asdict(FleetQuery())


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: a link that sorts by it, and turns the order round where it does already."""

    title: str
    name: str
    address: str
    direction: str


def headings(query: FleetQuery) -> list[Heading]:
    """Return the heads of the columns."""
    return [_heading(query, title, first) for title, first in _COLUMNS]


def _heading(query: FleetQuery, title: str, first: str) -> Heading:
    """`first` is the order the first click gives: numbers start with the highest."""
    name = first.removeprefix("-")
    is_sorted = query.sort.removeprefix("-") == name
    turned = name if query.sort.startswith("-") else f"-{name}"
    direction = "descending" if query.sort.startswith("-") else "ascending"
    return Heading(
        title=title,
        name=name,
        address=query.address(sort=turned if is_sorted else first),
        direction=direction if is_sorted else "",
    )


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of many. `first` and `last` count agents from 1; both are 0 where there are none."""

    number: int
    count: int
    first: int
    last: int
    total: int

    @classmethod
    def of(cls, total: int, *, asked: int) -> Self:
        """Return the page asked for, the last where there are fewer."""
        count = max(1, -(-total // PAGE_ROWS))
        number = min(max(1, asked), count)
        start = (number - 1) * PAGE_ROWS
        return cls(number, count, min(start + 1, total), min(start + PAGE_ROWS, total), total)

    def shown(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Return those of all lines that are on this page."""
        return lines[self.first - 1 : self.last] if self.total else ()

    @property
    def previous(self) -> int:
        """The number of the page before."""
        return self.number - 1

    @property
    def next(self) -> int:
        """The number of the page after."""
        return self.number + 1

    @property
    def is_first(self) -> bool:
        """True if no page comes before it."""
        return self.number == 1

    @property
    def is_last(self) -> bool:
        """True if no page comes after it."""
        return self.number == self.count
