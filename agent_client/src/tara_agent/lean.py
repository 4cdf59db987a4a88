"""Import Python's HTTP client without TLS, for a server that is talked to in plain text."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_http_client(*urls: str) -> None:
    """Load http.client as whoever talks to `urls` only may have it.

    It takes TLS in where it finds it, and runs without where Python was built so. For addresses
    that are all plain that saves 4.7 MB of OpenSSL.
    """
    is_plain = not any(url.startswith("https:") for url in urls)
    with _without("ssl") if is_plain and "ssl" not in sys.modules else _as_it_is():
        import http.client  # noqa: F401, PLC0415


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let an import of `name` fail as if it were not installed."""
    # None in sys.modules is the documented way to say: there is no such module.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
