"""Every setting of the agent: its names, what it may be, and what it means.

To add one: a line in SETTINGS, a field of `config.Config`, and a row in docs/AGENT.md.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from tara_agent.collectors.options import COLLECTORS
from tara_agent.errors import ConfigError
from tara_agent.tokens import Token, is_token

INTERVAL_SECONDS_MINIMUM: Final = 1
INTERVAL_SECONDS_MAXIMUM: Final = 900
INTERVAL_SECONDS_DEFAULT: Final = 10
SERVER_URL_DEFAULT: Final = "http://localhost:8080"
NO_SPOOL: Final = "none"

_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})
_ALIKE: Final = 0.7
"""How alike two names are, of 1, when the one is taken for a slip of the other."""


class Unusable(ValueError):  # noqa: N818  (reads as the claim it is)
    """A value that cannot be used; its text goes on where a setting's name has just been said."""


class Setting(NamedTuple):
    """One setting. `key` is its name in the file, and with dashes and `--` its flag.

    `parse` turns the text of a variable or flag into what TOML would give, or leaves it as it is;
    `check` returns what is kept of that value, or raises Unusable. A secret is never a flag, for
    everybody on the machine can read those; it can be in a file of its own, which is named instead.
    """

    key: str
    variable: str
    meaning: str
    check: Callable[[Any], Any]
    parse: Callable[[str], Any] = str
    is_secret: bool = False

    @property
    def flag(self) -> str:
        """The setting's flag."""
        return "--" + self.key.replace("_", "-")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that `name` is most likely a slip of, if there is one."""
    from difflib import get_close_matches  # noqa: PLC0415  (0.2 MB, and nearly never needed)

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=_ALIKE)), None)


def _token(value: Any) -> Token:
    text = _text(value)
    if not is_token(text):
        # The text itself stays out of the message: it may be a good token with one wrong letter.
        raise Unusable(
            f"holds {len(text)} characters that are not a whole token: one has 54, starts with "
            "`tara_` and ends in a checksum. Copy it again from where it was shown, or make a new "
            "one with `python manage.py gen_token --agent-id NAME` on the server."
        )
    return Token(text)


def checked_server_url(value: Any) -> str:
    """Return the address without its last slash. Raises Unusable."""
    text = _text(value)
    _require_address(text, "http://server:8080 or https://tara.example.org")
    parts = urlsplit(text)
    if parts.username is not None or parts.query or parts.fragment:
        raise Unusable(
            "may hold a scheme, host, port and path only: take out the user name, `?` or `#` part. "
            "The token goes into AGENT_TOKEN."
        )
    return text.rstrip("/")


def _proxy_url(value: Any) -> str:
    text = _text(value)
    # Not repeated in the message: it may hold a password.
    _require_address(text, "http://proxy.example.org:3128", shown="not shown here")
    if not text.startswith("http:"):
        raise Unusable(
            "is an https address. Give the proxy's http one: what goes through it to an https "
            "server is TLS all the way."
        )
    return text


def _require_address(text: str, example: str, *, shown: str = "") -> None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.port != 0 and parts.hostname
        # In getaddrinfo it would be an error of its own kind, and not before the first sample.
        (parts.hostname or "").encode("idna")
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise Unusable(
            f"is {shown or repr(text)}, which is not an address. Write it like {example}."
        )


def _interval_seconds(value: Any) -> int:
    low, high = INTERVAL_SECONDS_MINIMUM, INTERVAL_SECONDS_MAXIMUM
    if type(value) is not int or not low <= value <= high:
        raise Unusable(
            f"is {str(value)[:20]!r}. Write a whole number of seconds from {low} to {high}, "
            f"such as {INTERVAL_SECONDS_DEFAULT}."
        )
    return value


def _spool_path(value: Any) -> Path | None:
    """Return the folder for samples in an outage; None for `none`, which is: memory only."""
    text = _text(value)
    return None if text == NO_SPOOL else Path(text)


def _file_to_read(value: Any) -> Path:
    path = Path(_text(value))
    if not path.is_file() or not os.access(path, os.R_OK):
        raise Unusable(
            f"names {path}, which is no file that can be read here. Correct the path, or let the "
            "agent's user read it."
        )
    return path


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise Unusable(f"is {str(value)[:20]!r}. Write true or false.")
    return value


def _folder(value: Any) -> Path:
    return Path(_text(value))


def _names(value: Any) -> tuple[str, ...]:
    """Return a list's texts. They are not looked for: a disk may come later."""
    are_texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if not are_texts or not value or not all(value):
        raise Unusable(
            "is no list of names. Write them parted by commas, or in the file as a list: "
            '["eth*", "wlan0"].'
        )
    return tuple(value)


def _collectors(value: Any) -> frozenset[str]:
    names = _names(value)
    for name in names:
        if name not in COLLECTORS:
            guess = nearest(name, COLLECTORS)
            hint = f"Did you mean {guess}?" if guess else f"They are: {', '.join(COLLECTORS)}."
            raise Unusable(f"names {name[:40]!r}, which is no collector. {hint}")
    return frozenset(names)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        kind = "is empty" if isinstance(value, str) else f"is a {type(value).__name__}"
        raise Unusable(f"{kind}. Write a text in quotes, or take the line out.")
    return value.strip()


def _number_of(text: str) -> int | str:
    """Return the number that is written, else the text, for the check to complain about."""
    return int(text[:9]) if text.isascii() and text.isdecimal() else text


def _truth_of(text: str) -> bool | str:
    word = text.lower()
    return True if word in _YES else False if word in _NO else text


def _list_of(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _of_names(key: str, what: str) -> tuple[Setting, Setting]:
    """Return the two settings that choose some of what there are several of."""
    variable = f"AGENT_{key.upper()}"
    only = f"{what} to measure, in place of the usual ones: names and patterns such as `a*`"
    never = f"{what} to leave out"
    return (
        Setting(f"{key}_include", f"{variable}_INCLUDE", only, _names, _list_of),
        Setting(f"{key}_exclude", f"{variable}_EXCLUDE", never, _names, _list_of),
    )


SETTINGS: Final = (
    Setting(
        "token",
        "AGENT_TOKEN",
        "this machine's token, from `manage.py gen_token --agent-id NAME`",
        _token,
        is_secret=True,
    ),
    Setting(
        "server_url",
        "SERVER_URL",
        f"the server (default {SERVER_URL_DEFAULT})",
        checked_server_url,
    ),
    Setting(
        "interval_seconds",
        "AGENT_INTERVAL_SECONDS",
        "seconds between samples, 1 to 900 (default 10), until the server names one",
        _interval_seconds,
        _number_of,
    ),
    Setting(
        "spool_dir",
        "AGENT_SPOOL_DIR",
        "folder for samples while the server is away; `none` keeps them in memory",
        _spool_path,
    ),
    Setting(
        "ca_file",
        "AGENT_CA_FILE",
        "certificate authorities in PEM to trust instead of the usual ones",
        _file_to_read,
    ),
    Setting(
        "proxy_url",
        "AGENT_PROXY_URL",
        "the HTTP proxy to go through (default none)",
        _proxy_url,
        is_secret=True,
    ),
    Setting(
        "allow_http",
        "AGENT_ALLOW_HTTP",
        "true: send the token over plain http to public addresses too",
        _yes_or_no,
        _truth_of,
    ),
    *_of_names("mounts", "mount points"),
    *_of_names("devices", "disks"),
    *_of_names("interfaces", "network interfaces"),
    Setting(
        "textfile_dir",
        "AGENT_TEXTFILE_DIR",
        "folder of *.prom files with numbers of your own (default none)",
        _folder,
    ),
    Setting(
        "collectors_exclude",
        "AGENT_COLLECTORS_EXCLUDE",
        "collectors to leave out, such as `processes,systemd`",
        _collectors,
        _list_of,
    ),
)
BY_KEY: Final = {setting.key: setting for setting in SETTINGS}


def unknown_key(key: str, where: str) -> ConfigError:
    """Return the error for a name in the file that is no setting's."""
    known = [*BY_KEY, *(f"{key}_file" for key, setting in BY_KEY.items() if setting.is_secret)]
    guess = nearest(key, known)
    hint = f"Did you mean `{guess}`?" if guess else f"The settings are: {', '.join(known)}."
    return ConfigError(f"`{key}` in {where} is no setting of the agent. {hint}")
