"""A server that answers what a test tells it to, and the smallest valid token and samples."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tara_agent.samples import Sample
from tara_agent.tokens import Token, checksum

RECEIPT = {"accepted": 1, "duplicate": 0, "rejected": []}


class Received(NamedTuple):
    """A request as the sink got it; `raw` as it was on the wire, `body` decoded."""

    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: dict[str, Any]

    @property
    def times(self) -> list[float]:
        return [sample["time"] for sample in self.body["samples"]]


class Reply(NamedTuple):
    """What the sink answers; `act` takes the answer over altogether."""

    status: int = 200
    body: Any = RECEIPT
    headers: Mapping[str, str] = {}
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


class Authority(NamedTuple):
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""

    certificate: Path
    key: Path


class Sink(ThreadingHTTPServer):
    """Keeps each request and gives the next of `replies`; without any it takes everything."""

    daemon_threads = True
    block_on_close = False
    scheme = "http"

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.replies: list[Reply] = []
        self.arrived = threading.Semaphore(0)
        super().__init__(("127.0.0.1", port), SinkHandler)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def use_tls(self, authority: Authority) -> None:
        """Speak TLS from now on, with a certificate for 127.0.0.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what tests are about."""

    def script(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Received]:
        """Return what came, once `count` more requests have come."""
        for _ in range(count):
            assert self.arrived.acquire(timeout=seconds), "the agent sent nothing in time"
        return self.received


class SinkHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's kernel
    server: Sink

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        plain = zlib.decompress(raw, 31) if self.headers["Content-Encoding"] == "gzip" else raw
        self.server.received.append(Received(self.path, dict(self.headers), raw, json.loads(plain)))
        reply = self.server.replies.pop(0) if self.server.replies else Reply()
        self.server.arrived.release()
        if reply.act is not None:
            reply.act(self)
        else:
            self.answer(reply)

    def answer(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def no_config_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what an agent that is installed on this machine has been told."""
    monkeypatch.setenv("AGENT_CONFIG", "none")


@pytest.fixture
def make_sink() -> Iterator[Callable[..., Sink]]:
    """Start a sink, on a port of one's choice if need be."""
    sinks: list[Sink] = []

    def make(port: int = 0, authority: Authority | None = None) -> Sink:
        sink = Sink(port)
        if authority is not None:
            sink.use_tls(authority)
        sinks.append(sink)
        threading.Thread(target=lambda: sink.serve_forever(0.02), daemon=True).start()
        return sink

    yield make
    for sink in sinks:
        sink.shutdown()
        sink.server_close()


@pytest.fixture
def sink(make_sink: Callable[..., Sink]) -> Sink:
    return make_sink()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("authority")
    made = Authority(folder / "certificate.pem", folder / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-nodes", "-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return made


@pytest.fixture
def tls_sink(make_sink: Callable[..., Sink], authority: Authority) -> Sink:
    return make_sink(authority=authority)


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture(scope="session")
def secret() -> str:
    """A well-formed token that no server knows."""
    text = "tara_" + "Ab3-_" * 8 + "xyz"
    return text + checksum(text)


@pytest.fixture(scope="session")
def enrolment_key() -> str:
    """A well-formed key that no server knows."""
    text = "tara_enrol_" + "Ab3-_" * 8 + "xyz"
    return text + checksum(text)


@pytest.fixture(scope="session")
def token(secret: str) -> Token:
    return Token(secret)


@pytest.fixture
def sample() -> Callable[..., Sample]:
    """Make sample number `n`, taken at `n` seconds past a day long ago."""

    def make(number: int, *, padding: int = 0) -> Sample:
        time = 1_700_000_000.0 + number
        values = {"load_1m": 0.5, "custom_" + "x" * padding: 1}
        return Sample(number, time, json.dumps({"time": time, "values": values}).encode())

    return make
