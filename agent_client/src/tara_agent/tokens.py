"""The form of tokens and enrolment keys, so that a typo is caught before anything is sent."""

import re
import zlib
from typing import Final

_FORM: Final = re.compile(r"tara_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}")
_KEY_FORM: Final = re.compile(r"tara_enrol_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}")
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_LENGTH: Final = 6
_PREFIX_LENGTH: Final = 12


class Token:
    """A secret that never shows itself in a log line or traceback."""

    __slots__ = ("secret",)

    def __init__(self, secret: str) -> None:
        self.secret = secret

    @property
    def prefix(self) -> str:
        """The first characters, by which people and the server's admin recognise a token."""
        return self.secret[:_PREFIX_LENGTH]

    def __repr__(self) -> str:
        return f"Token({self.prefix}…)"


def checksum(text: str) -> str:
    """Return the CRC-32 of `text` as six base62 characters, most significant first."""
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(_CHECK_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def is_token(text: str) -> bool:
    """True if `text` has a token's form and checksum; the server may still refuse it."""
    return _is_whole(text, _FORM)


def is_enrolment_key(text: str) -> bool:
    """True if `text` has an enrolment key's form and checksum; the server may still refuse it."""
    return _is_whole(text, _KEY_FORM)


def _is_whole(text: str, form: re.Pattern[str]) -> bool:
    return form.fullmatch(text) is not None and text.endswith(checksum(text[:-_CHECK_LENGTH]))
