"""The way to the server: real sockets, real TLS."""

import socket
import time

import pytest

from tara_agent import connections
from tara_agent.config import Config
from tara_agent.doctor import network
from tara_agent.doctor.findings import State


def config_of(url, **settings):
    return Config(server_url=url, interval_seconds=10, spool_path=None, **settings)


def states(url, **settings):
    """Return how each step went, and the last that was looked at."""
    findings = list(network.examine(config_of(url, **settings)))
    looked_at = [finding for finding in findings if finding.state is not State.SKIPPED]
    return [finding.state for finding in findings], looked_at[-1]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class TestExamine:
    def test_finds_nothing_wrong_with_a_server_nearby(self, sink):
        found, last = states(sink.url)

        assert found == [State.GOOD] * 3
        assert last.seen == "127.0.0.1 is this machine or on a private network"

    def test_stops_at_a_name_that_nobody_knows(self):
        found, last = states("http://tara.invalid")

        assert found == [State.FAILED, State.SKIPPED, State.SKIPPED]
        assert last.seen.startswith("tara.invalid has no address here")
        assert "SERVER_URL" in last.advice

    def test_does_not_wait_for_a_name_for_ever(self, monkeypatch):
        monkeypatch.setattr(network, "STEP_SECONDS", 0.1)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(5))

        began = time.monotonic()
        found, last = states("http://tara.example.org")

        assert found[0] is State.FAILED
        assert "no answer within" in last.seen
        assert time.monotonic() - began < 3

    def test_stops_at_a_closed_port(self, closed_port):
        found, last = states(f"http://127.0.0.1:{closed_port}")

        assert found == [State.GOOD, State.FAILED, State.SKIPPED]
        assert "Connection refused" in last.seen

    def test_trusts_the_authority_that_is_set(self, tls_sink, authority):
        found, last = states(tls_sink.url, ca_file=authority.certificate)

        assert found[:2] == [State.GOOD, State.GOOD]
        assert last.seen == "expires in 2 days"

    def test_says_how_to_trust_a_certificate_of_ones_own(self, tls_sink):
        found, last = states(tls_sink.url)

        assert found == [State.GOOD, State.GOOD, State.FAILED]
        assert "self-signed certificate" in last.seen
        assert "AGENT_CA_FILE" in last.advice

    def test_says_which_name_is_wrong(self, tls_sink, authority):
        url = tls_sink.url.replace("127.0.0.1", "localhost")

        _, last = states(url, ca_file=authority.certificate)

        assert last.state is State.FAILED
        assert last.advice == "Use the name that is in the certificate for SERVER_URL."

    def test_sees_that_a_port_speaks_no_tls(self, sink):
        _, last = states(sink.url.replace("http:", "https:"))

        assert last.state is State.FAILED
        assert "speaks https" in last.advice

    @pytest.mark.parametrize(("allow", "state"), [(False, State.FAILED), (True, State.ODD)])
    def test_warns_of_plain_http_to_a_public_address(self, sink, monkeypatch, allow, state):
        monkeypatch.setattr(network, "is_public", lambda address: True)

        _, last = states(sink.url, allow_http=allow)

        assert last.state is state
        assert "https" in last.advice

    def test_goes_to_the_proxy_where_there_is_one(self, sink):
        found, _ = states("https://tara.invalid", proxy_url=sink.url)

        assert found == [State.GOOD] * 3

    def test_agrees_with_what_the_agent_does(self):
        assert network.is_public is connections.is_public
