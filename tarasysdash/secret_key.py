"""The secret key: from the environment, else made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MINIMUM_LENGTH = 32


def load_or_make(path: Path, configured: str) -> str:
    """Return the configured key, or the one in `path`, made there (0600) if there is none.

    Raises ImproperlyConfigured for a key that is short, an example's, or readable by others.
    """
    key = configured or _read_or_make(path)
    if len(key) < MINIMUM_LENGTH or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"The secret key has {len(key)} characters or is an example's. Unset TARA_SECRET_KEY "
            f"to have one made, or set one of at least {MINIMUM_LENGTH} random characters."
        )
    return key


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_private(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return _read_private(path)


def _read_private(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(
            f"{path} can be read by other users of this machine. Run: chmod 600 {path}"
        )
    return path.read_text(encoding="ascii").strip()
