"""One agent's page, and the JSON behind its charts."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from agents.models import Agent
from dashboard.login import json_login_required, page_login_required
from dashboard.panels import reply
from dashboard.ranges import RANGES, first_range, range_of, resume_of
from metrics.queries import standing


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


def _agent(agent_id: str) -> Agent:
    return get_object_or_404(Agent, agent_id=agent_id)
