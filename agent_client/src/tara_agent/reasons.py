"""Why an attempt got no answer, in words for whoever reads the log. Loads no OpenSSL."""

import re
import socket
from typing import Final

TIMEOUT: Final = "no answer in time"
TLS_FAILED: Final = "TLS failed"

_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")


def reason_of(error: Exception) -> str:
    """Return the reason; no header or body of an answer is in it."""
    if isinstance(error, TimeoutError):
        return TIMEOUT
    if type(error).__name__.startswith("SSL"):
        return f"{TLS_FAILED}: {_of_tls(error)}"
    if isinstance(error, socket.gaierror):
        return f"its name has no address: {error.strerror}"
    refused = _TUNNEL.match(str(error))
    if refused:
        return f"the proxy refuses, HTTP {refused[1]}"
    if isinstance(error, ConnectionResetError):
        return "the connection was closed without an answer"
    return getattr(error, "strerror", None) or f"that is not HTTP, {type(error).__name__}"


def _of_tls(error: Exception) -> str:
    """Return what OpenSSL says: of a certificate a phrase, of all else WORDS_LIKE_THESE."""
    reason = getattr(error, "verify_message", None) or getattr(error, "reason", None)
    return reason.replace("_", " ").lower() if reason and reason.isupper() else reason or "closed"
