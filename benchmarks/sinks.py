"""Small servers for agents under measurement: they take everything, over http or https."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_ANSWER = b'{"accepted":1,"duplicate":0,"rejected":[]}'


class Sink(ThreadingHTTPServer):
    """A server that takes everything; `requests` and `body_bytes` count what came."""

    daemon_threads = True
    requests = 0
    body_bytes = 0
    scheme = "http"

    @property
    def url(self) -> str:
        """Return where it listens, by a name that its certificate has."""
        return f"{self.scheme}://localhost:{self.server_port}"

    def mean_bytes(self) -> float:
        """Return the mean size of a body."""
        return self.body_bytes / max(1, self.requests)


class TakeAll(BaseHTTPRequestHandler):
    """Answers each POST as the real server would a new sample."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Sink

    def do_POST(self) -> None:
        """Read the body and accept it."""
        self.server.requests += 1
        self.server.body_bytes += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def plain_sink() -> Iterator[Sink]:
    """Run a sink on a free port of this machine."""
    with _serving(Sink(("127.0.0.1", 0), TakeAll)) as sink:
        yield sink


@contextmanager
def tls_sink(certificate: Path, key: Path) -> Iterator[Sink]:
    """Run a sink that speaks TLS."""
    sink = Sink(("127.0.0.1", 0), TakeAll)
    sink.scheme = "https"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    sink.socket = context.wrap_socket(sink.socket, server_side=True)
    with _serving(sink):
        yield sink


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate for localhost that is its own authority, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    return certificate, key


@contextmanager
def _serving(sink: Sink) -> Iterator[Sink]:
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()
