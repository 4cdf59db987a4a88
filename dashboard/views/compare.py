"""The comparison of agents, and the part of it that htmx asks for again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.compare.fragment import compare_fragment
from dashboard.login import page_login_required
from dashboard.views.regions import answer


@require_GET
@never_cache
@page_login_required
def compare(request: HttpRequest) -> HttpResponse:
    """Show one metric over many agents; to htmx only the part that changes."""
    drawn = compare_fragment(
        request.GET,
        path=request.path,
        now=timezone.now(),
        zone=timezone.get_current_timezone_name(),
    )
    return answer(request, drawn, region="compare", template="dashboard/compare.html")
