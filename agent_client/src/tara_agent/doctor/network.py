"""The way to the server, step by step: its name, its port, its certificate."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from tara_agent.config import Config
from tara_agent.connections import IN_THE_OPEN, is_public
from tara_agent.doctor.deadline import within
from tara_agent.doctor.findings import Finding, State, failed, good, odd, skipped
from tara_agent.errors import ConfigError
from tara_agent.trust import trusted

STEP_SECONDS: Final = 5.0
EXPIRES_SOON_DAYS: Final = 14

_PORTS: Final = {"http": 80, "https": 443}
_DAY_SECONDS: Final = 86400.0
_ASK_FOR_CA: Final = (
    "If it is a certificate of your own, set AGENT_CA_FILE to your authority's certificate; else "
    "see whether something between this machine and the server opens TLS."
)
# OpenSSL's numbers of what is wrong with a certificate.
_ADVICE: Final = {
    9: "Set this machine's clock: the certificate is not valid yet.",
    10: "Renew the server's certificate, or set this machine's clock.",
    18: _ASK_FOR_CA,
    19: _ASK_FOR_CA,
    20: _ASK_FOR_CA,
    21: _ASK_FOR_CA,
    62: "Use the name that is in the certificate for SERVER_URL.",
    64: "Use the name that is in the certificate for SERVER_URL.",
}


class Endpoint(NamedTuple):
    """What the agent connects to first: the server, or the proxy before it."""

    host: str
    port: int
    is_tls: bool
    setting: str


def endpoint_of(config: Config) -> Endpoint:
    """Return where the agent's connection goes to."""
    setting = "AGENT_PROXY_URL" if config.proxy_url else "SERVER_URL"
    parts = urlsplit(config.proxy_url or config.server_url)
    port = parts.port or _PORTS[parts.scheme]
    return Endpoint(parts.hostname or "", port, parts.scheme == "https", setting)


def examine(config: Config) -> Iterator[Finding]:
    """Yield what is found on the way, each step only where the one before it went well."""
    endpoint = endpoint_of(config)
    steps = [_name, _port, _plain_text]
    if endpoint.is_tls:
        steps = [_name, _port, _certificate]
    for index, step in enumerate(steps):
        finding = step(endpoint, config)
        yield finding
        if finding.state is State.FAILED:
            for missed in steps[index + 1 :]:
                yield skipped(_SUBJECTS[missed.__name__], "not looked at because of the above")
            return


_SUBJECTS: Final = {"_port": "port", "_certificate": "certificate", "_plain_text": "plain http"}


def _name(endpoint: Endpoint, _: Config) -> Finding:
    def ask() -> list[str]:
        """Return the addresses of the name. Raises OSError or UnicodeError."""
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        return sorted({str(entry[4][0]) for entry in found})

    try:
        addresses = within(STEP_SECONDS, ask)
    except (OSError, UnicodeError) as error:
        advice = f"Correct the name in {endpoint.setting}, or see to this machine's DNS."
        return failed("name", f"{endpoint.host} has no address here ({_reason(error)})", advice)
    return good("name", f"{endpoint.host} is {', '.join(addresses[:4])}")


def _port(endpoint: Endpoint, _: Config) -> Finding:
    began = time.monotonic()
    try:
        within(2 * STEP_SECONDS, lambda: _connect(endpoint).close())
    except OSError as error:
        return failed(
            "port",
            f"{endpoint.host} port {endpoint.port} cannot be reached ({_reason(error)})",
            f"See whether the server runs there, whether a firewall lets this machine through, and "
            f"whether {endpoint.setting} has the right port.",
        )
    milliseconds = (time.monotonic() - began) * 1000
    return good("port", f"port {endpoint.port} answers in {milliseconds:.0f} ms")


def _certificate(endpoint: Endpoint, config: Config) -> Finding:
    try:
        expires_at = within(2 * STEP_SECONDS, lambda: _expiry(endpoint, config.ca_file))
    except ssl.SSLCertVerificationError as error:
        return failed(
            "certificate",
            f"not to be trusted: {error.verify_message}",
            _ADVICE.get(error.verify_code, "See to the server's certificate."),
        )
    except ConfigError as error:
        return failed("certificate", "not asked for", str(error))
    except (OSError, ValueError) as error:
        return failed(
            "certificate",
            f"no TLS ({_reason(error)})",
            f"See whether port {endpoint.port} speaks https; if not, correct {endpoint.setting}.",
        )
    days = (expires_at - time.time()) / _DAY_SECONDS
    if days < EXPIRES_SOON_DAYS:
        return odd("certificate", f"expires in {days:.0f} days", "Renew it on the server.")
    return good("certificate", f"to be trusted, for {days:.0f} days more")


def _plain_text(endpoint: Endpoint, config: Config) -> Finding:
    subject = "plain http"
    try:
        with _connect(endpoint) as sock:
            address = sock.getpeername()[0]
    except OSError as error:
        return skipped(subject, f"no second connection ({_reason(error)})")
    if not is_public(address):
        return good(subject, f"{address} is this machine or on a private network")
    if config.allow_http:
        advice = "Use https: anybody on the way can read the token."
        return odd(subject, f"{address} is public, and that is allowed", advice)
    return failed(subject, f"{address} is public", f"{IN_THE_OPEN[0].upper()}{IN_THE_OPEN[1:]}.")


def _connect(endpoint: Endpoint) -> socket.socket:
    return socket.create_connection((endpoint.host, endpoint.port), timeout=STEP_SECONDS)


def _expiry(endpoint: Endpoint, ca_file: Path | None) -> float:
    """Return until when the certificate is valid, in Unix seconds. Raises OSError, ValueError."""
    context = trusted(ca_file)
    with (
        _connect(endpoint) as plain,
        context.wrap_socket(plain, server_hostname=endpoint.host) as sock,
    ):
        certificate: Any = sock.getpeercert()
    return float(ssl.cert_time_to_seconds(certificate["notAfter"]))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
