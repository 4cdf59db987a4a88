"""What every response has, whose names the server answers to, and that pages need a login."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tarasysdash import hosts

PUBLIC = {
    "api/v1/ingest/": "bearer token",
    "status/<slug:slug>/": "a status page, if it is public",
    "healthz": "monitoring; says only whether all is well",
    "login/": "the log-in page",
    "admin/login/": "leads to the log-in page",
}


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            *("localhost", "localhost:8080", "127.0.0.1:8080", "192.168.1.5", "[::1]:8080"),
            *("10.0.0.7:80", "dash.example.org", "DASH.example.org:443", "a.b.example.net"),
        ],
    )
    def test_answers_to_addresses_localhost_and_configured_names(self, host):
        names = frozenset({"localhost", "dash.example.org", ".example.net"})

        assert hosts.is_allowed(host, names)

    @pytest.mark.parametrize(
        "host",
        [
            *("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "a b", "<script>"),
            *("xexample.net", "localhost.evil.example", "127.0.0.1@evil.example", "[::1", "1.2.3"),
        ],
    )
    def test_answers_to_no_other(self, host):
        names = frozenset({"localhost", "dash.example.org", ".example.net"})

        assert not hosts.is_allowed(host, names)

    def test_says_which_setting_to_change(self, client):
        answer = client.get("/", HTTP_HOST="evil.example")

        assert answer.status_code == 421
        assert "TARA_ALLOWED_HOSTS" in answer.content.decode()


@pytest.mark.django_db
class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/login/", "/admin/", "/api/v1/ingest/", "/nowhere/"])
    def test_are_on_every_response(self, client, path):
        answer = client.get(path)

        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


def routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    """Return the pattern of every route below `resolver`."""
    found = []
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^").removesuffix(r"\Z")
        if isinstance(entry, URLPattern):
            found.append(pattern)
        else:
            found += routes(entry, pattern)
    return found


@pytest.mark.django_db
class TestLogin:
    def test_is_needed_on_every_route_but_the_public_ones(self, client):
        open_to_all = []
        for route in routes(get_resolver()):
            path = "/" + re.sub(r"<[^>]+>|\(\?P.*?\)\$?", "1", route).removesuffix("$")
            answer = client.get(path)
            if answer.status_code not in {301, 302, 401, 403, 404, 405}:
                open_to_all.append(route)

        assert set(open_to_all) - set(PUBLIC) == set()

    def test_sends_anonymous_people_to_the_log_in_page(self, client):
        for path in ("/", "/agents/web-1/", "/admin/agents/agent/"):
            answer = client.get(path)

            assert answer.status_code == 302
            assert "/login/" in answer["Location"]


@pytest.mark.django_db
class TestErrors:
    def test_of_the_api_are_json(self, client):
        answer = client.post("/api/v1/ingest/", b"{}", content_type="application/json")

        assert json.loads(answer.content)["detail"].startswith("The agent token is missing")
