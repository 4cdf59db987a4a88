"""The fleet's page, and the part of it that htmx asks for again."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from dashboard.fleet import FleetQuery, filtered, headings, load_rows, ordered
from dashboard.forms import FleetForm
from dashboard.login import page_login_required, wants_fragment
from dashboard.tiles import Tiles

FRAGMENT_SECONDS = 4
"""How long a drawn fleet serves everybody who asks. Less than the 5 s between two polls."""

FILTERS = "form#filters"
"""What htmx calls the form; its answers go into the address, those of a poll do not."""


@require_GET
@never_cache
@gzip_page
@page_login_required
def fleet(request: HttpRequest) -> HttpResponse:
    """Show every agent; to htmx only the part that changes."""
    address = request.path + FleetQuery.asked(request.GET.dict()).address()
    fragment = _fleet_fragment(request, address)
    if wants_fragment(request):
        response = HttpResponse(fragment)
        if request.headers.get("HX-Source") == FILTERS:
            response["HX-Push-Url"] = address
    else:
        response = render(request, "dashboard/fleet.html", {"fleet": fragment})
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


def _fleet_fragment(request: HttpRequest, address: str) -> str:
    """Return the changing part of the fleet, the same for everyone with the same rights."""
    may_add = request.user.has_perm("agents.add_agent")
    digest = hashlib.sha256(address.encode()).hexdigest()
    key = f"fleet:{may_add}:{digest}"
    fragment = cache.get(key)
    if fragment is None:
        fragment = _draw_fleet(request, may_add=may_add, now=timezone.now())
        cache.set(key, fragment, FRAGMENT_SECONDS)
    return str(fragment)


def _draw_fleet(request: HttpRequest, *, may_add: bool, now: datetime) -> str:
    rows = load_rows(now=now)
    form = FleetForm(request.GET, rows=rows)
    query = form.query()
    matching = filtered(rows, query)
    shown = [row for row in matching if query.status in ("", row.status)]
    context = {
        "form": form,
        "query": query,
        "rows": ordered(shown, query.sort),
        "total": len(rows),
        "tiles": Tiles.of(matching),
        "headings": headings(query),
        "may_add": may_add,
        "address": request.path + query.address(),
    }
    return render_to_string("dashboard/_fleet.html", context)
