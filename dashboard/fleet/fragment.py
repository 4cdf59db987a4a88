"""The part of the fleet's page that changes, drawn once for all who ask for the same.

All lines serve every filter for a moment, a drawn fragment serves one filter for another: a hundred
open pages cost hardly more than one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.template.loader import render_to_string

from dashboard.brief import Brief
from dashboard.compression import compressed
from dashboard.fleet import snapshot
from dashboard.fleet.form import SEARCH_MAXIMUM, FleetForm
from dashboard.fleet.orders import filtered, in_state, ordered
from dashboard.fleet.query import DEFAULTS, Paging, headings
from dashboard.fleet.tiles import Tiles
from dashboard.fleet.title import title_of

SECONDS: Final = 2
"""How long a fragment serves all: less than the 5 s between two polls."""

_FRAGMENTS_AT_MOST: Final = 128


@dataclass(frozen=True, slots=True)
class Fragment:
    """Drawn HTML. `version` is equal where only ages can differ; a `title` says how things are."""

    html: str
    version: str
    address: str
    title: str = ""
    _packed: dict[str, bytes] = field(default_factory=dict, init=False, compare=False)

    def packed(self, coding: str) -> bytes:
        """Return the HTML in a coding of dashboard.compression, made once."""
        if coding not in self._packed:
            self._packed[coding] = compressed(self.html.encode(), coding)
        return self._packed[coding]


_fragments: Final[Brief[Fragment]] = Brief(seconds=SECONDS, at_most=_FRAGMENTS_AT_MOST)


def fragment(asked: Mapping[str, str], *, path: str, may_add: bool, now: datetime) -> Fragment:
    """Return what `asked`, the parameters of an address at `path`, shows to all with this right."""
    known = {name: asked.get(name, "")[: SEARCH_MAXIMUM + 1] for name in DEFAULTS}
    key = (may_add, path, *known.values())
    return _fragments.get(key, lambda: _draw(known, path=path, may_add=may_add, now=now))


def forget() -> None:
    """Draw everything anew from now on."""
    snapshot.forget()
    _fragments.forget()


def _draw(asked: Mapping[str, str], *, path: str, may_add: bool, now: datetime) -> Fragment:
    fleet = snapshot.snapshot(now=now)
    lines = fleet.lines
    form = FleetForm(asked, lines=lines)
    query = form.query()
    matching = filtered(lines, query)
    listed = ordered(in_state(matching, query.status), query.sort)
    paging = Paging.of(len(listed), asked=query.page)
    rows = fleet.rows(paging.shown(listed), now=now)
    tiles = Tiles.of(matching)
    title = title_of(lines)
    drawn_from = (query, tuple(rows), tiles, paging, len(lines), form.offers, title)
    address = path + query.address(page=paging.number).removesuffix("?")
    version = f"{hash(drawn_from) & (2**64 - 1):016x}"
    context = {
        "region": "fleet",
        "form": form,
        "query": query,
        "rows": rows,
        "paging": paging,
        "total": len(lines),
        "matching": len(matching),
        "tiles": tiles,
        "headings": headings(query),
        "may_add": may_add,
        "address": address,
        "version": version,
        "title": title,
    }
    html = render_to_string("dashboard/_fleet.html", context)
    return Fragment(html, version, address, title)
