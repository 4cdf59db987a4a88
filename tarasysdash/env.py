"""Typed readers for the environment variables of the server.

Every reader notes the variable it read in `VARIABLES`, so that a test can hold docs/OPERATIONS.md
to the code. A value that cannot be read raises `ImproperlyConfigured` with what to write instead.
"""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

VARIABLES: set[str] = set()
"""The names of all variables that settings have asked for."""

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Return the variable's text without white space around it, `default` where empty."""
    VARIABLES.add(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; write 1 or 0.")


def number(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Return a whole number within its bounds. Raises ImproperlyConfigured outside of them."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        value = minimum - 1
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(
            f"{name} is {raw!r}; write a whole number from {minimum} to {maximum}."
        )
    return value


def choice(name: str, default: str, *, choices: tuple[str, ...]) -> str:
    """Return one of `choices`, in upper case. Raises ImproperlyConfigured for others."""
    raw = text(name, default).upper()
    if raw not in choices:
        raise ImproperlyConfigured(f"{name} is {raw!r}; write one of {', '.join(choices)}.")
    return raw


def zone(name: str, default: str) -> str:
    """Return the name of a time zone. Raises ImproperlyConfigured for one that is not known."""
    raw = text(name, default)
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name} is {raw!r}; write the name of a time zone, such as Europe/Paris or UTC."
        ) from error
    return raw


def words(name: str) -> list[str]:
    """Return the comma-separated words of a variable, empty where it is unset."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder path; a relative one counts from the working directory."""
    return Path(text(name, str(default))).expanduser().absolute()


def secret(name: str) -> str:
    """Return a secret from `name`, or from the file `name`_FILE points to; empty if unset."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE is {path!r}, which cannot be read: {error.strerror}."
        ) from error
