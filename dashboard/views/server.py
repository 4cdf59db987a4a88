"""The Server page, for those who look after the server itself."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.compression import compressed_page
from dashboard.login import page_login_required, wants_fragment
from dashboard.server import ServerPage

FRAGMENT_SECONDS = 4
"""How long what was found out serves everybody who asks. Less than the 5 s between two polls."""


@require_GET
@never_cache
@compressed_page
@page_login_required
@permission_required("metrics.view_server", raise_exception=True)
def server(request: HttpRequest) -> HttpResponse:
    """Show how the server does; to htmx only the part that changes."""
    fragment = cache.get_or_set("server", lambda: _draw(request.path), FRAGMENT_SECONDS)
    if wants_fragment(request):
        response = HttpResponse(fragment)
    else:
        response = render(request, "dashboard/server.html", {"server": fragment})
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


def _draw(address: str) -> str:
    page = ServerPage.load(now=timezone.now())
    return render_to_string("dashboard/_server.html", {"page": page, "address": address})
