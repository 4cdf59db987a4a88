"""The public status pages: no log-in, no session, and nothing for who asks for one that is not."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from agents.models import StatusPage
from dashboard.compression import compressed_page
from dashboard.status import SECONDS, report


@login_not_required
@require_safe
@compressed_page
@cache_control(public=True, max_age=SECONDS)
def status(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001  (says nothing of who asks)
    """Show one status page to anybody; 404 if there is none of this address, or it is off."""
    page = get_object_or_404(StatusPage, slug=slug, is_public=True)
    context = {"page": page, "report": report(page, now=timezone.now())}
    # Without the request: the page is one for all, and a person's name has no place in it.
    return HttpResponse(render_to_string("dashboard/status.html", context))
