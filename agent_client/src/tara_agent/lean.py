"""Import requests without the parts of it that the agent has no use for.

requests and urllib3 take several libraries in where they find them, and run without where they
don't. Hiding these while requests is imported took the agent from 28.2 to 21.8 MB (CPython 3.11):
3.0 MB for guessing the character set of a text (the agent reads UTF-8 only), 0.2 MB for
decompressing answers (it asks for plain ones), and for a plain http address 4.7 MB of OpenSSL.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

_CHARACTER_SETS: Final = ("charset_normalizer", "chardet")
_COMPRESSIONS: Final = ("brotli", "brotlicffi", "zstandard")
_TLS: Final = ("ssl",)
_HASHES_OF_OPENSSL: Final = ("_hashlib",)
_HASHES_OF_PYTHON: Final = ("_md5", "_sha1", "_sha3", "_blake2")


def import_requests(*urls: str) -> None:
    """Load requests as lean as whoever talks to `urls` only may have it."""
    hidden: tuple[str, ...] = _COMPRESSIONS
    if not any(url.startswith("https:") for url in urls):
        hidden += _TLS
        # Some distributions leave Python's own hashes out; hashlib would complain without any.
        if all(find_spec(name) for name in _HASHES_OF_PYTHON):
            hidden += _HASHES_OF_OPENSSL
    try:
        _import_without(*_CHARACTER_SETS, *hidden)
    except ImportError:
        # requests before 2.32 cannot do without guessing; Debian 12 has such a one.
        _import_without(*hidden)


def _import_without(*names: str) -> None:
    with _without(*names), warnings.catch_warnings():
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
