"""What every kind of token has in common: its form, its checksum, and what it is stored by.

A token is its kind's prefix, 43 base64url characters (256 random bits) and 6 characters of CRC-32
in base62 over all before it. The checksum lets scanners find a leaked token and lets a typo fail
without a look-up. A plain SHA-256 is enough to store it by: 256 random bits cannot be guessed, so
there is nothing for a slow hash to slow down.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from typing import Final

RANDOM_SHOWN: Final = 7
"""How many characters after the prefix people recognise a token by; 42 bits, so nobody guesses."""

_RANDOM_BYTES: Final = 32
_CHECKSUM_LENGTH: Final = 6
_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase


class TokenKind:
    """A kind of token, told by its prefix: `AGENT.mint()`. One kind never passes for another."""

    def __init__(self, prefix: str) -> None:
        """`prefix` ends in an underscore, and is public."""
        self.prefix = prefix
        self.shown = len(prefix) + RANDOM_SHOWN
        self._form = re.compile(rf"{re.escape(prefix)}[A-Za-z0-9_-]{{43}}[0-9A-Za-z]{{6}}")

    def mint(self) -> str:
        """Return a new token."""
        body = self.prefix + secrets.token_urlsafe(_RANDOM_BYTES)
        return body + _checksum(body)

    def is_well_formed(self, plain: str) -> bool:
        """True if `plain` has this kind's form and its checksum fits."""
        return (
            self._form.fullmatch(plain) is not None
            and _checksum(plain[:-_CHECKSUM_LENGTH]) == plain[-_CHECKSUM_LENGTH:]
        )


AGENT: Final = TokenKind("tara_")
READ: Final = TokenKind("tara_read_")
ENROL: Final = TokenKind("tara_enrol_")


def digest(plain: str) -> str:
    """Return what a token is stored and found by; of any text, for anything may be sent as one."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
