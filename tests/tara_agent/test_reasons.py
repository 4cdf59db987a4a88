"""What the log says of an attempt that got no answer."""

import socket
import ssl
from http.client import BadStatusLine, RemoteDisconnected

import pytest

from tara_agent.reasons import reason_of


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "no answer in time"),
        (socket.gaierror(-2, "Name unknown"), "its name has no address: Name unknown"),
        (OSError("Tunnel connection failed: 407 <b>"), "the proxy refuses, HTTP 407"),
        (RemoteDisconnected(), "the connection was closed without an answer"),
        (BadStatusLine("secret"), "that is not HTTP, BadStatusLine"),
        (ssl.SSLEOFError(8, "EOF"), "TLS failed: closed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_reasons_are_words_for_people(error, told):
    assert reason_of(error) == told
