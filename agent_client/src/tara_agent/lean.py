"""Import a module without parts of it that the agent has no use for.

requests takes two libraries in where it finds them, and runs without where it doesn't: one that
guesses the character set of a text (the agent reads JSON in UTF-8 only), and TLS (nothing to do
with a plain http address). Measured on CPython 3.11: 3.0 MB and 1.3 to 4.7 MB of memory.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

CHARACTER_SETS: Final = ("charset_normalizer", "chardet")
TLS: Final = ("ssl",)


def import_requests(server_url: str) -> None:
    """Load requests as lean as an agent of `server_url` may have it."""
    hidden = CHARACTER_SETS if server_url.startswith("https:") else CHARACTER_SETS + TLS
    with _without(*hidden), warnings.catch_warnings():
        # requests warns that it cannot guess character sets; that is the point.
        warnings.simplefilter("ignore")
        import requests  # noqa: F401, PLC0415


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let imports of `names` fail as if they were not installed; what is loaded already stays."""
    hidden = [name for name in names if name not in sys.modules]
    # None in sys.modules is the documented way to say: there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
