"""HTTP connections that can be cut off from another thread, and tell no secret in plain text.

The time limits of requests are per read: a server that sends a byte now and then holds an attempt
for ever. Shutting the socket down ends it, whatever it waits for.
"""

import socket
import threading
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager

IN_THE_OPEN: Final = (
    "plain http to a public address would show the token: use https, or set AGENT_ALLOW_HTTP=true"
)


class CutOff:
    """The switch between the thread that sends and the one that has waited long enough.

    `refusal` says why the connection made last was not used, or nothing.
    """

    def __init__(self, *, allow_public_http: bool = False) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None
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
            sock = getattr(self._connection, "sock", None)
            if sock is not None:
                _shut_down(sock)

    def connecting(self, connection: Any) -> None:
        """Note the connection that is about to be made."""
        with self._lock:
            self._connection = connection

    def connected(self) -> None:
        """Raise TimeoutError if the attempt was cut off while the connection was being made."""
        with self._lock:
            if self.is_cut:
                raise TimeoutError

    def connected_in_plain(self, sock: Any) -> None:
        """Raise PermissionError if it is a public address that would be talked to in plain text."""
        if not self._allow_public_http and is_public(sock.getpeername()[0]):
            self.refusal = IN_THE_OPEN
            raise PermissionError


def use_connections_of(cut_off: CutOff, manager: PoolManager) -> None:
    """Have every connection that `manager` makes known to `cut_off`."""
    manager.pool_classes_by_scheme = {
        "http": _pool_class(cut_off, HTTPConnectionPool),
        "https": _pool_class(cut_off, HTTPSConnectionPool),
    }


def _pool_class(cut_off: CutOff, base: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    plain: Any = base.ConnectionCls

    class Connection(plain):  # type: ignore[misc]
        """A connection that can be cut off."""

        def connect(self) -> None:
            """Connect, unless that took longer than the attempt may."""
            cut_off.connecting(self)
            super().connect()
            cut_off.connected()
            if base is HTTPConnectionPool:
                cut_off.connected_in_plain(self.sock)

    class Pool(base):  # type: ignore[valid-type, misc]
        """A pool of such connections."""

        ConnectionCls = Connection

    return Pool


def is_public(address: str) -> bool:
    """True for an address that the whole internet can have on its way to this machine."""
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_global


def _shut_down(sock: Any) -> None:
    try:
        # The plain socket's: a TLS socket would first take away what the other thread reads from.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed already
