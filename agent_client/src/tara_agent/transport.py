"""One POST to the server: bounded in time and in what is read, verified, never redirected."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tara_agent.answers import Answer
from tara_agent.connections import CutOff, use_connections_of
from tara_agent.errors import ServerUnreachable
from tara_agent.tokens import Token
from tara_agent.version import VERSION
from tara_agent.watchdog import Watchdog

INGEST_PATH: Final = "/api/v1/ingest/"
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0
ATTEMPT_SECONDS: Final = 30.0
ANSWER_BYTES: Final = 64 * 1024


class _Adapter(HTTPAdapter):
    """An adapter for one server, whose attempt can be ended from another thread."""

    def __init__(self, cut_off: CutOff) -> None:
        self._cut_off = cut_off
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool, and have its connections known."""
        super().init_poolmanager(*args, **kwargs)
        use_connections_of(self._cut_off, self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Return the pool that goes through a proxy, its connections known as well."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            use_connections_of(self._cut_off, manager)
        return manager


class Transport:
    """A kept-alive connection to one address of one server, by default the ingest address."""

    def __init__(
        self,
        server_url: str,
        token: Token | None = None,
        *,
        path: str = INGEST_PATH,
        ca_file: Path | None = None,
        proxy_url: str | None = None,
        allow_http: bool = False,
    ) -> None:
        """`ca_file` is trusted instead of the usual authorities; else see docs/AGENT.md."""
        self._cut_off = CutOff(allow_public_http=allow_http)
        self._verify: bool | str = str(ca_file) if ca_file else True
        self._proxies = {"http": proxy_url, "https": proxy_url} if proxy_url else None
        self._watchdog = Watchdog(self._cut_off.cut)
        self._watchdog.start()
        # Not through a Session: it would read .netrc and proxies from the environment, keep
        # cookies, and read the whole of a redirect's body, to no use (0.3 ms a request).
        self._adapter = _Adapter(self._cut_off)
        self._prepared = requests.Request(
            "POST",
            server_url + path,
            headers={
                **({"Authorization": f"Bearer {token.secret}"} if token else {}),
                "User-Agent": f"tara-agent/{VERSION}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        ).prepare()

    def post(
        self, body: bytes, *, encoding: str | None = None, within_seconds: float = ATTEMPT_SECONDS
    ) -> Answer:
        """Return the answer to `body`, in little more than `within_seconds`.

        Raises ServerUnreachable.
        """
        request = self._prepared.copy()
        request.prepare_body(body, None)
        if encoding:
            request.headers["Content-Encoding"] = encoding
        self._cut_off.allow()
        # Beside the limits on each read, which end no trickle.
        with self._watchdog.limit(within_seconds):
            return self._send(request, within_seconds)

    def cut(self) -> None:
        """End the attempt that another thread is in the middle of, if there is one."""
        self._cut_off.cut()

    def close(self) -> None:
        """Let go of the connection."""
        self._adapter.close()

    def _send(self, request: requests.PreparedRequest, within_seconds: float) -> Answer:
        timeout = (min(CONNECT_SECONDS, within_seconds), min(READ_SECONDS, within_seconds))
        try:
            response = self._adapter.send(
                request, stream=True, timeout=timeout, verify=self._verify, proxies=self._proxies
            )
            body = response.raw.read(ANSWER_BYTES + 1, decode_content=False)
            if len(body) > ANSWER_BYTES:
                response.close()  # with what is still to come
            response.raw.release_conn()
        except (requests.RequestException, HTTPError, OSError) as error:
            raise ServerUnreachable(self._reason(error)) from error
        if self._cut_off.is_cut:
            # What was read before looks whole to http.client, and is not.
            raise ServerUnreachable("Timeout")
        headers = response.headers
        date = headers.get("Date", "")
        return Answer(response.status_code, body[:ANSWER_BYTES], _retry_after(headers), date)

    def _reason(self, error: Exception) -> str:
        if self._cut_off.refusal:
            return self._cut_off.refusal
        return "Timeout" if self._cut_off.is_cut else type(error).__name__


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After; its other form, a date, depends on two clocks."""
    text = headers.get("Retry-After", "")
    return float(text[:9]) if text.isascii() and text.isdecimal() else None
