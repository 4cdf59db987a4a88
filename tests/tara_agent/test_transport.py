"""One POST to the server."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from tara_agent import connections
from tara_agent.connections import is_public
from tara_agent.errors import ConfigError, ServerUnreachable
from tara_agent.transport import ANSWER_BYTES, Transport
from tara_agent.version import VERSION


@pytest.fixture
def transport(sink, token):
    transport = Transport(sink.url, token)
    yield transport
    transport.close()


class Tunnel:
    """A proxy that tunnels one connection; `asked` is what it was asked for."""

    def __init__(self):
        self.asked = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        client, _ = self._server.accept()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(4096)
        self.asked.append(head.decode())
        address = head.split()[1].decode()
        upstream = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
        client.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
        threading.Thread(target=self._pump, args=(upstream, client), daemon=True).start()
        self._pump(client, upstream)

    def _pump(self, source, target):
        with suppress(OSError):
            while content := source.recv(65536):
                target.sendall(content)


@pytest.fixture
def tunnel():
    return Tunnel()


def drip(handler, start=b"HTTP/1.1 200 OK\r\nX-Slow: ", letter=b"a"):
    """Send a status line and then a letter of a header now and then, for ever."""
    with suppress(OSError):
        handler.wfile.write(start)
        while True:
            handler.wfile.write(letter)
            time.sleep(0.02)


def drip_body(handler):
    """Send the head of an answer, and its body a byte now and then."""
    drip(handler, b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b" ")


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
        assert request.headers["User-Agent"] == f"tara-agent/{VERSION}"
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

        with pytest.raises(ServerUnreachable, match=r"Connection refused|closed without an answer"):
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

    def test_is_ended_though_the_answer_is_the_last_on_its_connection(self, sink, token, reply):
        def drip_to_the_end(handler):
            handler.close_connection = True
            with suppress(OSError):
                handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
                while True:
                    handler.wfile.write(b" ")
                    time.sleep(0.02)

        sink.script(reply(act=drip_to_the_end))

        began = time.monotonic()
        with pytest.raises(ServerUnreachable, match="no answer in time"):
            Transport(sink.url, token).post(b"{}", within_seconds=0.3)

        assert time.monotonic() - began < 0.9

    def test_connects_anew_where_the_server_has_closed_an_idle_connection(
        self, sink, transport, reply
    ):
        def answer_and_close(handler):
            handler.answer(reply())
            handler.close_connection = True

        sink.script(reply(act=answer_and_close))

        assert transport.post(b"{}").status == 200
        time.sleep(0.1)
        assert transport.post(b"{}").status == 200


class TestProxy:
    def test_gets_its_password(self, sink, token):
        proxy_url = sink.url.replace("http://", "http://me:p%40ss@")

        Transport("http://tara.invalid", token, proxy_url=proxy_url).post(b"{}")

        assert sink.received[0].headers["Proxy-Authorization"] == "Basic bWU6cEBzcw=="

    def test_is_tunnelled_through_to_an_https_server(self, tls_sink, token, authority, tunnel):
        proxy_url = f"http://me:pw@127.0.0.1:{tunnel.port}"
        transport = Transport(
            tls_sink.url, token, ca_file=authority.certificate, proxy_url=proxy_url
        )

        assert transport.post(b"{}").status == 200
        assert tunnel.asked[0].startswith(f"CONNECT 127.0.0.1:{tls_sink.server_port} ")
        assert "Proxy-Authorization: Basic bWU6cHc=" in tunnel.asked[0]
        assert tls_sink.received[0].path == "/api/v1/ingest/"
        assert "Proxy-Authorization" not in tls_sink.received[0].headers

    def test_is_gone_through_when_asked_for(self, sink, token):
        Transport("http://tara.invalid", token, proxy_url=sink.url).post(b"{}")

        assert sink.received[0].path == "http://tara.invalid/api/v1/ingest/"

    def test_is_not_taken_from_the_environment(self, sink, token, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.delenv("no_proxy", raising=False)

        assert Transport(sink.url, token).post(b"{}").status == 200

    def test_that_hangs_is_cut_off(self, sink, token, reply):
        sink.script(reply(act=drip))
        transport = Transport("http://tara.invalid", token, proxy_url=sink.url)

        with pytest.raises(ServerUnreachable, match="no answer in time"):
            transport.post(b"{}", within_seconds=0.3)


class TestPlainHttp:
    @pytest.mark.parametrize(
        "address",
        ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.1.1", "169.254.1.1", "::1",
         "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1"],
    )  # fmt: skip
    def test_is_for_addresses_of_ones_own(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450::1", "::ffff:8.8.8.8"])
    def test_is_not_for_public_ones(self, address):
        assert is_public(address)

    def test_tells_a_public_address_nothing(self, sink, token, monkeypatch):
        monkeypatch.setattr(connections, "is_public", lambda address: True)

        with pytest.raises(ServerUnreachable, match="plain http to a public address"):
            Transport(sink.url, token).post(b"{}")

        assert sink.received == []

    def test_tells_it_all_where_that_is_allowed(self, sink, token, monkeypatch):
        monkeypatch.setattr(connections, "is_public", lambda address: True)

        assert Transport(sink.url, token, allow_http=True).post(b"{}").status == 200


class TestTls:
    def test_trusts_the_authority_that_it_is_given(self, tls_sink, token, authority):
        answer = Transport(tls_sink.url, token, ca_file=authority.certificate).post(b"{}")

        assert answer.status == 200

    def test_says_when_the_authoritys_file_has_none(self, tls_sink, token, tmp_path):
        (tmp_path / "empty.pem").write_text("")

        with pytest.raises(ConfigError, match=r"empty\.pem, which has no certificate"):
            Transport(tls_sink.url, token, ca_file=tmp_path / "empty.pem")

    def test_trusts_nobody_else(self, tls_sink, token):
        with pytest.raises(ServerUnreachable, match="TLS failed: self-signed certificate"):
            Transport(tls_sink.url, token).post(b"{}")

        assert tls_sink.received == []
