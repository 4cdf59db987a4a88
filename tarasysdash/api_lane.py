"""The readers' lane: what programs read with a token skips what only browsers need.

Sessions, cookies, CSRF and messages mean nothing to a request with a bearer token. A person's
request goes on, for a session is what it is known by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, resolve

from metrics.urls import app_name as api_name

API_PATH: Final = "/api/v1/"


class ApiLaneMiddleware:
    """Answers the API's own addresses to bearer tokens; passes every other request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = answer(request) if takes(request) else None
        return self.get_response(request) if response is None else response


def takes(request: HttpRequest) -> bool:
    """True if the request names an address of the API and brings a bearer token."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    return request.path_info.startswith(API_PATH) and header[:7].lower() == "bearer "


def answer(request: HttpRequest) -> HttpResponse | None:
    """Return the view's answer; None for an address that is a page's, or nobody's."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    if match.app_name != api_name:
        return None
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    if not response.streaming:
        # What CommonMiddleware does for the others.
        response.setdefault("Content-Length", str(len(response.content)))
    return response
