"""Answers with a part of a page that htmx asks for again, or with the page around it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString

from dashboard.compression import coding_for, compressed
from dashboard.fleet.fragment import Fragment
from dashboard.login import wants_fragment


def answer(request: HttpRequest, drawn: Fragment, *, region: str, template: str) -> HttpResponse:
    """Return the fragment to htmx, else the page of `template`, which draws it as `region`.

    `region` is the id of the fragment's element, too. What comes from it is a poll, which is
    answered 304 if it shows the same; the answers to all else, filters and links, go into the
    address.
    """
    if wants_fragment(request):
        response = _part(
            request, drawn, is_poll=request.headers.get("HX-Source") == f"div#{region}"
        )
    else:
        context = {region: SafeString(drawn.html), "title": drawn.title}
        html = render_to_string(template, context, request)
        coding = coding_for(request)
        response = _in_coding(compressed(html.encode(), coding), coding)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type", "Accept-Encoding"])
    return response


def _part(request: HttpRequest, drawn: Fragment, *, is_poll: bool) -> HttpResponse:
    etag = f'"{drawn.version}"'
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
