"""One POST to the server: bounded in time and in what is read, verified, never redirected."""

from base64 import b64encode
from http.client import HTTPConnection, HTTPException, HTTPMessage
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from tara_agent.answers import Answer
from tara_agent.connections import CutOff, PlainConnection, TlsConnection, make_ready
from tara_agent.errors import ServerUnreachable
from tara_agent.reasons import TIMEOUT, reason_of
from tara_agent.tokens import Token
from tara_agent.version import VERSION
from tara_agent.watchdog import Watchdog

INGEST_PATH: Final = "/api/v1/ingest/"
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0
ATTEMPT_SECONDS: Final = 30.0
ANSWER_BYTES: Final = 64 * 1024

_PORTS: Final = {"http": 80, "https": 443}


class Route(NamedTuple):
    """A connection, not yet made, and what is asked for on it."""

    connection: HTTPConnection
    target: str
    headers: dict[str, str]


class Transport:
    """A kept-alive connection to one address of one server, by default the ingest address."""

    def __init__(
        self,
        server_url: str,
        token: Token | None = None,
        *,
        path: str = INGEST_PATH,
        ca_file: Path | None = None,
        proxy_url: str | None = None,
        allow_http: bool = False,
    ) -> None:
        """`ca_file` is trusted instead of the usual authorities; else see docs/AGENT.md."""
        self._cut_off = CutOff(allow_public_http=allow_http)
        self._watchdog = Watchdog(self._cut_off.cut)
        self._watchdog.start()
        server = urlsplit(server_url + path)
        if server.scheme == "https":
            self._route = _tls_route(server, self._cut_off, ca_file, proxy_url)
        else:
            self._route = _plain_route(server, self._cut_off, proxy_url)
        self._headers = {
            **self._route.headers,
            **({"Authorization": f"Bearer {token.secret}"} if token else {}),
            "User-Agent": f"tara-agent/{VERSION}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def post(
        self, body: bytes, *, encoding: str | None = None, within_seconds: float = ATTEMPT_SECONDS
    ) -> Answer:
        """Return the answer to `body`, in little more than `within_seconds`.

        Raises ServerUnreachable.
        """
        headers = {**self._headers, "Content-Encoding": encoding} if encoding else self._headers
        self._cut_off.allow()
        # Beside the limits on each read, which end no trickle.
        with self._watchdog.limit(within_seconds):
            return self._send(body, headers, within_seconds)

    def cut(self) -> None:
        """End the attempt that another thread is in the middle of, if there is one."""
        self._cut_off.cut()

    def close(self) -> None:
        """Let go of the connection."""
        self._route.connection.close()

    def _send(self, body: bytes, headers: dict[str, str], within_seconds: float) -> Answer:
        connection = self._route.connection
        try:
            make_ready(
                connection,
                connect_seconds=min(CONNECT_SECONDS, within_seconds),
                read_seconds=min(READ_SECONDS, within_seconds),
            )
            connection.request("POST", self._route.target, body, headers)
            response = connection.getresponse()
            content = response.read(ANSWER_BYTES + 1)
            if not response.isclosed():
                connection.close()  # with what is still to come
        except (HTTPException, OSError, UnicodeError) as error:  # that one is of a host's name
            connection.close()
            raise ServerUnreachable(self._reason(error)) from error
        if self._cut_off.is_cut:
            # What was read before looks whole to http.client, and is not.
            raise ServerUnreachable(TIMEOUT)
        told = response.headers
        date = told.get("Date", "")
        return Answer(response.status, content[:ANSWER_BYTES], _retry_after(told), date)

    def _reason(self, error: Exception) -> str:
        """Return what went wrong; what we did ourselves before what came of it."""
        if self._cut_off.refusal:
            return self._cut_off.refusal
        return TIMEOUT if self._cut_off.is_cut else reason_of(error)


def _plain_route(server: SplitResult, cut_off: CutOff, proxy_url: str | None) -> Route:
    if proxy_url is None:
        return Route(PlainConnection(*_address(server), cut_off), server.path, {})
    proxy = urlsplit(proxy_url)
    connection = PlainConnection(*_address(proxy), cut_off)
    return Route(connection, server.geturl(), _proxy_headers(proxy))


def _tls_route(
    server: SplitResult, cut_off: CutOff, ca_file: Path | None, proxy_url: str | None
) -> Route:
    from tara_agent.trust import trusted  # noqa: PLC0415  (4.7 MB that plain http does without)

    proxy = urlsplit(proxy_url) if proxy_url else None
    host, port = _address(server)
    connection = TlsConnection(
        *_address(proxy or server), cut_off, trust=trusted(ca_file), server_name=host
    )
    if proxy:
        connection.set_tunnel(host, port, _proxy_headers(proxy))
    return Route(connection, server.path, {})


def _address(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _retry_after(headers: HTTPMessage) -> float | None:
    """Return the seconds of a Retry-After; its other form, a date, depends on two clocks."""
    text = headers.get("Retry-After", "")
    return float(text[:9]) if text.isascii() and text.isdecimal() else None
