"""The part of the comparison that changes, drawn once for all who ask for the same."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from django.http import QueryDict
from django.template.loader import render_to_string

from dashboard.brief import Brief
from dashboard.compare import history, offers, page
from dashboard.compare.query import CompareForm
from dashboard.fleet.fragment import Fragment
from dashboard.fleet.snapshot import snapshot

SECONDS: Final = 4
"""How long a fragment serves all: less than the 5 s between two polls."""

_KEY_AT_MOST: Final = 500
_fragments: Final[Brief[Fragment]] = Brief(seconds=SECONDS, at_most=64)


def compare_fragment(asked: QueryDict, *, path: str, now: datetime, zone: str) -> Fragment:
    """Return what `asked` at `path` shows, with times in `zone`, the present one."""
    key = (path, zone, asked.urlencode()[:_KEY_AT_MOST])
    if len(asked.urlencode()) > _KEY_AT_MOST:
        return _draw(asked, path=path, now=now)
    return _fragments.get(key, lambda: _draw(asked, path=path, now=now))


def forget() -> None:
    """Draw everything anew from now on."""
    _fragments.forget()
    history.forget()
    offers.forget()
    page.forget()


def _draw(asked: QueryDict, *, path: str, now: datetime) -> Fragment:
    lines = snapshot(now=now).lines
    form = CompareForm(asked, tags=sorted({tag for line in lines for tag in line.tags}))
    query = form.query()
    found = page.context_of(query, lines, now=now)
    address = path + query.address(page=found["paging"].number).removesuffix("?")
    context = {"region": "compare", "form": form, "address": address, **found}
    html = render_to_string("dashboard/_compare.html", context)
    version = hashlib.blake2b(html.encode(), digest_size=8).hexdigest()
    # The first mark is the template's own: no name comes before it.
    return Fragment(html.replace("@version", version, 1), version, address)
