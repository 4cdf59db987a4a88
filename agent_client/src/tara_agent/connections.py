"""HTTP connections that can be cut off from another thread, and tell no secret in plain text.

The time limits of a socket are per read: a server that sends a byte now and then holds an attempt
for ever. Shutting the socket down ends it, whatever it waits for.
"""

import select
import socket
import threading
from http.client import HTTPConnection
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ssl import SSLContext

IN_THE_OPEN: Final = (
    "plain http to a public address would show the token: use https, or set AGENT_ALLOW_HTTP=true"
)


class CutOff:
    """The switch between the thread that sends and the one that has waited long enough.

    `refusal` says why the connection made last was not used, or nothing.
    """

    def __init__(self, *, allow_public_http: bool = False) -> None:
        self._lock = threading.Lock()
        self._connection: HTTPConnection | None = None
        self._sock: socket.socket | None = None
        self._allow_public_http = allow_public_http
        self.is_cut = False
        self.refusal = ""

    def allow(self) -> None:
        """Begin an attempt."""
        with self._lock:
            self.is_cut = False
            self.refusal = ""

    def cut(self) -> None:
        """End the attempt: reads and writes under way fail, and no new connection is used."""
        with self._lock:
            self.is_cut = True
            # A connection gives its socket away to an answer that is the last on it.
            sock = self._sock or getattr(self._connection, "sock", None)
            if sock is not None:
                _shut_down(sock)

    def connecting(self, connection: HTTPConnection) -> None:
        """Note the connection that is about to be made."""
        with self._lock:
            self._connection = connection
            self._sock = None

    def connected(self, sock: socket.socket) -> None:
        """Raise TimeoutError if the attempt was cut off while the connection was being made."""
        with self._lock:
            self._sock = sock
            if self.is_cut:
                raise TimeoutError

    def connected_in_plain(self, sock: socket.socket) -> None:
        """Raise PermissionError if it is a public address that would be talked to in plain text."""
        if not self._allow_public_http and is_public(sock.getpeername()[0]):
            self.refusal = IN_THE_OPEN
            raise PermissionError


class PlainConnection(HTTPConnection):
    """A connection that can be cut off, and refuses public addresses unless they are allowed."""

    def __init__(self, host: str, port: int, cut_off: CutOff) -> None:
        super().__init__(host, port)
        self._cut_off = cut_off

    def connect(self) -> None:
        """Connect, unless that took longer than the attempt may."""
        self._cut_off.connecting(self)
        super().connect()
        self._cut_off.connected(self.sock)
        self._cut_off.connected_in_plain(self.sock)


class TlsConnection(HTTPConnection):
    """A connection that can be cut off, with TLS; `set_tunnel` has it go through a proxy."""

    default_port = 443

    def __init__(
        self, host: str, port: int, cut_off: CutOff, *, trust: "SSLContext", server_name: str
    ) -> None:
        """`server_name` is whose certificate is asked for."""
        super().__init__(host, port)
        self._cut_off = cut_off
        self._trust = trust
        self._server_name = server_name

    def connect(self) -> None:
        """Connect and shake hands, unless that took longer than the attempt may."""
        self._cut_off.connecting(self)
        super().connect()
        self._cut_off.connected(self.sock)
        sock = self._trust.wrap_socket(
            self.sock, server_hostname=self._server_name, do_handshake_on_connect=False
        )
        self.sock = sock
        self._cut_off.connected(sock)  # now, so that a handshake can be cut off too
        sock.do_handshake()


def make_ready(connection: HTTPConnection, *, connect_seconds: float, read_seconds: float) -> None:
    """Make the connection, unless it can be used again. Raises OSError."""
    if not is_usable(connection):
        connection.close()
        connection.timeout = connect_seconds
        connection.connect()
    connection.sock.settimeout(read_seconds)


def is_usable(connection: HTTPConnection) -> bool:
    """True if it is open and nothing has come that nobody asked for: the end, most of the time.

    A server that closes idle connections would otherwise look like one that is away.
    """
    if connection.sock is None:
        return False
    readable, _, _ = select.select([connection.sock], [], [], 0)
    return not readable


def is_public(address: str) -> bool:
    """True for an address that the whole internet can have on its way to this machine."""
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_global


def _shut_down(sock: socket.socket) -> None:
    try:
        # The plain socket's: a TLS socket would first take away what the other thread reads from.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed already
