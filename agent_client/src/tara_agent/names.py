"""Instance names as the server takes them: printable, in one normal form, at most 255 characters.

A mount point or interface can be called anything, by anybody who may create one. A name that the
server would have to refuse would cost the whole sample, so names are made harmless here.
"""

from functools import lru_cache
from typing import Final
from unicodedata import normalize

LENGTH_MAXIMUM: Final = 255


@lru_cache(maxsize=1024)
def clean(name: str) -> str:
    """Return `name` without control characters, surrogates or outer spaces; never empty."""
    if not (name.isascii() and name.isprintable()):
        printable = "".join(char if char.isprintable() else "?" for char in name)
        name = normalize("NFC", printable)
    return name[:LENGTH_MAXIMUM].strip() or "?"
