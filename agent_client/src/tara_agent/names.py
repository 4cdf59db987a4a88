"""Names as the server takes them: instances printable, in one normal form, 255 characters at most.

A mount point or interface can be called anything, by anybody who may create one. A name that the
server would have to refuse would cost the whole sample, so names are made harmless here.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import normalize

LENGTH_MAXIMUM: Final = 255
AGENT_ID_MAXIMUM: Final = 63


@lru_cache(maxsize=1024)
def clean(name: str) -> str:
    """Return `name` without control characters, surrogates or outer spaces; never empty."""
    if not (name.isascii() and name.isprintable()):
        printable = "".join(char if char.isprintable() else "?" for char in name)
        name = normalize("NFC", printable)
    return name[:LENGTH_MAXIMUM].strip() or "?"


def agent_id_of(hostname: str) -> str:
    """Return the agent id of a machine called so; empty if nothing in the name can be one."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", hostname.lower()).lstrip("._-")
    return plain[:AGENT_ID_MAXIMUM].rstrip("._-")
