"""The pages: the fleet, one agent, and the JSON behind its charts. They read and never write."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from django.contrib.auth.views import LoginView as DjangoLoginView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from agents.models import Agent
from dashboard.api_docs import api_docs
from dashboard.fleet import FleetQuery, filtered, headings, load_rows, ordered
from dashboard.forms import FleetForm, LoginForm
from dashboard.login import json_login_required, page_login_required, wants_fragment
from dashboard.panels import reply
from dashboard.ranges import RANGES, first_range, range_of, resume_of
from dashboard.tiles import Tiles
from metrics.queries import standing

FRAGMENT_SECONDS = 4
"""How long a drawn fleet serves everybody who asks. Less than the 5 s between two polls."""

FILTERS = "form#filters"
"""What htmx calls the form; its answers go into the address, those of a poll do not."""


class LoginView(DjangoLoginView):
    """The log-in page, of the admin too."""

    template_name = "dashboard/login.html"
    authentication_form = LoginForm


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


@require_GET
@never_cache
@gzip_page
@page_login_required
def agent(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show one agent; its charts are drawn by agent.js."""
    found = _agent(agent_id)
    now = timezone.now()
    current = standing(found, now=now)
    context = {
        "agent": found,
        "tags": sorted(tag.name for tag in found.tags.all()),
        "standing": current,
        "status": current.status,
        "ranges": RANGES.values(),
        "range": range_of(request.GET.get("range"), default=first_range(found.created_at, now=now)),
    }
    return render(request, "dashboard/agent.html", context)


@require_GET
@never_cache
@gzip_page
@json_login_required
def agent_data(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Return the numbers behind one agent's charts."""
    now = timezone.now()
    answer = reply(
        _agent(agent_id),
        range_of(request.GET.get("range")),
        resume=resume_of(request.GET.get("after"), request.GET.get("step"), now=now),
        now=now,
    )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


@require_GET
@page_login_required
def api_documentation(request: HttpRequest) -> HttpResponse:
    """Show what the API takes and answers."""
    origin = request.build_absolute_uri("/").rstrip("/")
    return render(request, "dashboard/api_docs.html", {"docs": api_docs(), "origin": origin})


def _agent(agent_id: str) -> Agent:
    return get_object_or_404(Agent, agent_id=agent_id)
