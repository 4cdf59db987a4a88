"""An ended session, answered in the caller's own kind.

A redirect to the log-in page would end up as a page in the middle of a table, or as a JSON error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import resolve_url

View = Callable[..., HttpResponseBase]


def wants_fragment(request: HttpRequest) -> bool:
    """True if htmx asks for the part of the page that changes."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Request-Type") != "full"
    )


def page_login_required(view: View) -> View:
    """Ask for a log-in: a person is redirected, htmx is told to go there."""

    @login_not_required  # LoginRequiredMiddleware would answer first, and redirect.
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        answer = redirect_to_login(request.get_full_path())
        if not wants_fragment(request):
            return answer
        return HttpResponse(headers={"HX-Redirect": answer.url})

    return guarded


def json_login_required(view: View) -> View:
    """Answer 401 with the log-in page's address where nobody is logged in."""

    @login_not_required  # LoginRequiredMiddleware would answer first, and redirect.
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        refusal = {"detail": "Log in first.", "login": resolve_url(settings.LOGIN_URL)}
        return JsonResponse(refusal, status=HTTPStatus.UNAUTHORIZED)

    return guarded
