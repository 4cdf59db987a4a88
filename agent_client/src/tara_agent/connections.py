"""HTTP connections that can be cut off from another thread.

The time limits of requests are per read: a server that sends a byte now and then holds an attempt
for ever. Shutting the socket down ends it, whatever it waits for.
"""

import socket
import threading
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager


class CutOff:
    """The switch between the thread that sends and the one that has waited long enough."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None
        self.is_cut = False

    def allow(self) -> None:
        """Begin an attempt."""
        with self._lock:
            self.is_cut = False

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

    class Pool(base):  # type: ignore[valid-type, misc]
        """A pool of such connections."""

        ConnectionCls = Connection

    return Pool


def _shut_down(sock: Any) -> None:
    try:
        # The plain socket's: a TLS socket would first take away what the other thread reads from.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed already
