"""The fleet's page, and the part of it that htmx asks for again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.fleet.fragment import fragment
from dashboard.login import page_login_required
from dashboard.views.regions import answer


@require_GET
@never_cache
@page_login_required
def fleet(request: HttpRequest) -> HttpResponse:
    """Show every agent; to htmx only the part that changes."""
    may_add = request.user.has_perm("agents.add_agent")
    asked = request.GET.dict()
    drawn = fragment(asked, path=request.path, may_add=may_add, now=timezone.now())
    return answer(request, drawn, region="fleet", template="dashboard/fleet.html")
