"""The fleet's page, and the part of it that htmx asks for again."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.compression import coding_for, compressed
from dashboard.fleet.fragment import Fragment, fragment
from dashboard.login import page_login_required, wants_fragment

POLL: Final = "div#fleet"
"""What htmx calls a poll; the answers to all else, filters and links, go into the address."""


@require_GET
@never_cache
@page_login_required
def fleet(request: HttpRequest) -> HttpResponse:
    """Show every agent; to htmx only the part that changes."""
    may_add = request.user.has_perm("agents.add_agent")
    asked = request.GET.dict()
    drawn = fragment(asked, path=request.path, may_add=may_add, now=timezone.now())
    response = _part(request, drawn) if wants_fragment(request) else _page(request, drawn)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type", "Accept-Encoding"])
    return response


def _page(request: HttpRequest, drawn: Fragment) -> HttpResponse:
    context = {"fleet": SafeString(drawn.html), "title": drawn.title}
    html = render_to_string("dashboard/fleet.html", context, request)
    coding = coding_for(request)
    return _in_coding(compressed(html, coding), coding)


def _part(request: HttpRequest, drawn: Fragment) -> HttpResponse:
    """Return the fragment, or 304 to a poll from a page that shows the same but for ages."""
    etag = f'"{drawn.version}"'
    is_poll = request.headers.get("HX-Source") == POLL
    if is_poll and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    coding = coding_for(request)
    response = _in_coding(drawn.packed(coding), coding)
    response["ETag"] = etag
    if not is_poll:
        response["HX-Push-Url"] = drawn.address
    return response


def _in_coding(body: bytes, coding: str) -> HttpResponse:
    return HttpResponse(body, headers={"Content-Encoding": coding} if coding else None)
