"""Which Host headers the server answers to: any IP address, localhost and the configured names.

DNS rebinding needs a name, so addresses are safe, and a server that people reach by its address
works without set-up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.html import escape


class HostMiddleware:
    """Answers 421 with the setting to change where the Host header names an unknown host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
        if is_allowed(host, settings.TARA_ALLOWED_HOSTS):
            return self.get_response(request)
        return HttpResponse(
            f"This server does not answer to the name {escape(host[:255])!r}.\n"
            "Whoever runs it can add the name to TARA_ALLOWED_HOSTS and restart it.\n",
            # Not a 400: an agent gives up what it is told cannot be read.
            status=421,
            content_type="text/plain; charset=utf-8",
        )


@lru_cache(maxsize=1024)
def is_allowed(host: str, names: frozenset[str]) -> bool:
    """True if `host` (a name or address, with or without a port) is ours to answer.

    A configured name that starts with a dot stands for all its sub-domains.
    """
    domain, _ = split_domain_port(host.lower())
    if not domain:
        return False
    if domain in names or any(
        name.startswith(".") and (domain.endswith(name) or domain == name[1:]) for name in names
    ):
        return True
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
