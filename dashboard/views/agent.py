"""One agent's page, the JSON behind it, and its live mode."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.watching import watch
from dashboard.compression import compressed_page
from dashboard.events import EventsReply, timeline
from dashboard.lines import Shown
from dashboard.login import json_login_required, page_login_required
from dashboard.outlook import outlook_of, zone_of
from dashboard.panels import reply
from dashboard.ranges import (
    RANGES,
    WindowForm,
    first_range,
    is_chosen,
    range_of,
    resume_of,
    up_to,
)
from metrics.queries import standing


@require_GET
@never_cache
@compressed_page
@page_login_required
def agent(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show one agent; its charts are drawn by agent.js."""
    found = _agent(agent_id)
    now = timezone.now()
    current = standing(found, now=now)
    chosen = WindowForm(request.GET.dict() if is_chosen(request.GET) else None, now=now)
    default = first_range(found.created_at, now=now)
    range_ = None if chosen.is_valid() else range_of(request.GET.get("range"), default=default)
    window = chosen.window() if chosen.is_valid() else None
    shown = window or up_to(now, range_ or default)
    events = timeline(found, start=shown.start, end=shown.end, now=now)
    context = {
        "agent": found,
        "tags": sorted(tag.name for tag in found.tags.all()),
        "standing": current,
        "status": current.status,
        "ranges": RANGES.values(),
        "range": range_,
        "default_range": default,
        "chosen": chosen,
        "window": window,
        "events": events,
        "events_data": msgspec.to_builtins(events),
    }
    return render(request, "dashboard/agent.html", context)


@require_GET
@never_cache
@compressed_page
@json_login_required
def agent_data(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Return the numbers behind one agent's charts."""
    now = timezone.now()
    window = up_to(now, range_of(request.GET.get("range")))
    if is_chosen(request.GET):
        chosen = WindowForm(request.GET.dict(), now=now)
        if not chosen.is_valid():
            return JsonResponse({"errors": chosen.errors}, status=HTTPStatus.BAD_REQUEST)
        window = chosen.window()
    answer = reply(
        _agent(agent_id),
        window,
        shown=Shown.of(request.GET),
        resume=resume_of(request.GET.get("after"), request.GET.get("step"), end=window.end),
        now=now,
    )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


@require_GET
@never_cache
@compressed_page
@json_login_required
def agent_outlook(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Return what becomes of one agent's disks, and its traffic in the days of a zone."""
    zone = zone_of(request.GET.get("zone"))
    answer = outlook_of(_agent(agent_id), zone=zone, now=timezone.now())
    return HttpResponse(answer, content_type="application/json")


@require_GET
@never_cache
@compressed_page
@json_login_required
def agent_events(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Return what happened to one agent between two moments in Unix seconds."""
    try:
        start, end = (
            datetime.fromtimestamp(float(request.GET.get(name, "")), tz=UTC)
            for name in ("start", "end")
        )
    except (ValueError, OverflowError, OSError):
        detail = "Give start and end in Unix seconds."
        return JsonResponse({"errors": {"start": [detail]}}, status=HTTPStatus.BAD_REQUEST)
    told = timeline(_agent(agent_id), start=start, end=end, now=timezone.now())
    return HttpResponse(msgspec.json.encode(EventsReply(told)), content_type="application/json")


@require_POST
@never_cache
@json_login_required
def agent_watch(request: HttpRequest, agent_id: str) -> HttpResponse:  # noqa: ARG001
    """Have an agent asked for a sample every two seconds for a while."""
    found = _agent(agent_id)
    until = watch(found, now=timezone.now())
    return JsonResponse({"until": until.timestamp(), "interval_seconds": found.interval_seconds})


def _agent(agent_id: str) -> Agent:
    return get_object_or_404(Agent, agent_id=agent_id)
