"""One POST to the server."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from tara_agent.errors import ServerUnreachable
from tara_agent.transport import ANSWER_BYTES, Transport


@pytest.fixture
def transport(sink, token):
    transport = Transport(sink.url, token)
    yield transport
    transport.close()


def drip(handler):
    """Send a status line and then a letter of a header now and then, for ever."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"a")
            time.sleep(0.02)


def drip_body(handler):
    """Send the head of an answer, and its body a byte now and then."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)


def say_nothing(handler):
    time.sleep(1)
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def garbage(handler):
    handler.close_connection = True
    handler.wfile.write(b"\x16\x03\x01 not HTTP at all\r\n\r\n")


class TestPost:
    def test_sends_what_the_contract_says(self, sink, transport, secret):
        answer = transport.post(b'{"a": 1}')

        request = sink.received[0]
        assert answer.status == 200
        assert request.path == "/api/v1/ingest/"
        assert request.raw == b'{"a": 1}'
        assert request.headers["Authorization"] == f"Bearer {secret}"
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["User-Agent"] == "tara-agent/0.1.0"
        assert "Content-Encoding" not in request.headers

    def test_keeps_the_connection(self, sink, transport):
        clients = set()
        original = sink.finish_request
        sink.finish_request = lambda request, client: (
            clients.add(client),
            original(request, client),
        )

        for _ in range(3):
            transport.post(b"{}")

        assert len(sink.received) == 3
        assert len(clients) == 1

    def test_keeps_the_path_of_the_servers_address(self, sink, token):
        Transport(f"{sink.url}/tara", token).post(b"{}")

        assert sink.received[0].path == "/tara/api/v1/ingest/"

    def test_never_follows_a_redirect(self, sink, transport, reply):
        sink.script(reply(307, headers={"Location": f"{sink.url}/elsewhere"}))

        assert transport.post(b"{}").status == 307
        assert len(sink.received) == 1

    def test_takes_no_proxy_or_netrc_from_the_environment(
        self, sink, transport, secret, monkeypatch, tmp_path
    ):
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password pw\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

        transport.post(b"{}")

        assert sink.received[0].headers["Authorization"] == f"Bearer {secret}"

    def test_reads_64_kib_of_an_answer_at_most(self, sink, transport, reply):
        sink.script(reply(body=b"x" * 10 * ANSWER_BYTES))

        assert len(transport.post(b"{}").body) == ANSWER_BYTES
        assert transport.post(b"{}").status == 200

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("120", 120.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-5", None), ("", None)],
    )
    def test_reads_a_retry_after_in_seconds(self, sink, transport, reply, header, seconds):
        sink.script(reply(429, headers={"Retry-After": header}))

        assert transport.post(b"{}").retry_after_seconds == seconds

    @pytest.mark.parametrize("act", [hang_up, garbage], ids=["hangs up", "garbage"])
    def test_calls_what_is_no_answer_unreachable(self, sink, transport, reply, act):
        sink.script(reply(act=act))

        with pytest.raises(ServerUnreachable):
            transport.post(b"{}")

        assert transport.post(b"{}").status == 200

    def test_calls_a_closed_port_unreachable(self, sink, token):
        sink.server_close()

        with pytest.raises(ServerUnreachable, match="ConnectionError"):
            Transport(sink.url, token).post(b"{}")

    @pytest.mark.parametrize("act", [drip, drip_body, say_nothing])
    def test_ends_in_time_whatever_the_server_does(self, sink, transport, reply, act):
        sink.script(reply(act=act))

        began = time.monotonic()
        with pytest.raises(ServerUnreachable):
            transport.post(b"{}", within_seconds=0.3)

        assert time.monotonic() - began < 0.9
        assert transport.post(b"{}").status == 200

    def test_is_ended_by_a_cut(self, sink, transport, reply):
        sink.script(reply(act=drip))
        threading.Timer(0.2, transport.cut).start()

        began = time.monotonic()
        with pytest.raises(ServerUnreachable):
            transport.post(b"{}")

        assert time.monotonic() - began < 2
