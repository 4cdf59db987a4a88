"""The agent's settings: read from the environment, checked once, before anything runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tara_agent import paths
from tara_agent.errors import ConfigError
from tara_agent.tokens import Token, is_token

INTERVAL_SECONDS_MINIMUM: Final = 1
INTERVAL_SECONDS_MAXIMUM: Final = 900
INTERVAL_SECONDS_DEFAULT: Final = 10
SERVER_URL_DEFAULT: Final = "http://localhost:8080"

_HOW_TO_GET_ONE: Final = (
    "On the server, `python manage.py gen_token --agent-id NAME` prints one; "
    "then run `AGENT_TOKEN=tara_... tara-agent run`."
)


class Config(NamedTuple):
    """What `tara-agent run` needs to know. `server_url` has no trailing slash."""

    token: Token
    server_url: str
    interval_seconds: int
    spool_path: Path | None = None


def config_from(environ: Mapping[str, str]) -> Config:
    """Return the settings in `environ`. Raises ConfigError for the first one that is wrong."""
    return Config(
        token=_token(environ),
        server_url=_server_url(environ.get("SERVER_URL", "").strip() or SERVER_URL_DEFAULT),
        interval_seconds=_interval_seconds(environ.get("AGENT_INTERVAL_SECONDS", "").strip()),
        spool_path=_spool_path(environ),
    )


def _token(environ: Mapping[str, str]) -> Token:
    text = environ.get("AGENT_TOKEN", "").strip()
    path = environ.get("AGENT_TOKEN_FILE", "").strip()
    if text and path:
        message = "AGENT_TOKEN and AGENT_TOKEN_FILE are both set. Unset one of them."
        raise ConfigError(message)
    if path:
        return _checked_token(_read_token(path), f"The file that AGENT_TOKEN_FILE names ({path})")
    if not text:
        raise ConfigError(f"AGENT_TOKEN is not set. {_HOW_TO_GET_ONE}")
    return _checked_token(text, "AGENT_TOKEN")


def _read_token(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(
            f"AGENT_TOKEN_FILE names {path}, which cannot be read ({reason}). "
            "Correct the path, or let the agent's user read the file."
        ) from error


def _checked_token(text: str, where: str) -> Token:
    if not is_token(text):
        # The text itself stays out of the message: it may be a good token with one wrong letter.
        raise ConfigError(
            f"{where} holds {len(text)} characters that are not a whole token: one has 54, starts "
            "with `tara_` and ends in a checksum. Copy it again from where it was shown, or make a "
            "new one with `python manage.py gen_token --agent-id NAME` on the server."
        )
    return Token(text)


def _server_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"SERVER_URL is {text!r}, which is not an address. Write it like "
            "http://server:8080 or https://tara.example.org."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            "SERVER_URL may hold a scheme, host, port and path only: take out the user name, "
            "`?` or `#` part. The token goes into AGENT_TOKEN."
        )
    return text.rstrip("/")


def _interval_seconds(text: str) -> int:
    if not text:
        return INTERVAL_SECONDS_DEFAULT
    low, high = INTERVAL_SECONDS_MINIMUM, INTERVAL_SECONDS_MAXIMUM
    if text.isascii() and text.isdecimal() and low <= int(text[:9]) <= high:
        return int(text)
    raise ConfigError(
        f"AGENT_INTERVAL_SECONDS is {text!r}. Write a whole number of seconds "
        f"from {low} to {high}, such as {INTERVAL_SECONDS_DEFAULT}."
    )


def _spool_path(environ: Mapping[str, str]) -> Path | None:
    """Return the folder for samples in an outage; None for `none`, which is: memory only."""
    text = environ.get("AGENT_SPOOL_DIR", "").strip()
    if text == "none":
        return None
    return Path(text) if text else paths.state_folder(environ) / "spool"
