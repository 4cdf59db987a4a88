"""The fleet's page, and the part of it that htmx asks for again."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from dashboard.fleet.fragment import Fragment, fragment
from dashboard.login import page_login_required, wants_fragment

POLL: Final = "div#fleet"
"""What htmx calls a poll; the answers to all else, filters and links, go into the address."""


@require_GET
@never_cache
@gzip_page
@page_login_required
def fleet(request: HttpRequest) -> HttpResponse:
    """Show every agent; to htmx only the part that changes."""
    may_add = request.user.has_perm("agents.add_agent")
    asked = request.GET.dict()
    drawn = fragment(asked, path=request.path, may_add=may_add, now=timezone.now())
    if wants_fragment(request):
        response = _part(request, drawn)
    else:
        context = {"fleet": SafeString(drawn.html), "title": drawn.title}
        response = render(request, "dashboard/fleet.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


def _part(request: HttpRequest, drawn: Fragment) -> HttpResponse:
    """Return the fragment, or 304 to a poll from a page that shows the same but for ages."""
    etag = f'"{drawn.version}"'
    is_poll = request.headers.get("HX-Source") == POLL
    if is_poll and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    response = HttpResponse(drawn.html, headers={"ETag": etag})
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(drawn.packed, headers={"ETag": etag, "Content-Encoding": "gzip"})
    patch_vary_headers(response, ["Accept-Encoding"])
    if not is_poll:
        response["HX-Push-Url"] = drawn.address
    return response
