"""The agent's settings as a TOML file: read whole, and written so that it is never half there."""

import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tara_agent.errors import ConfigError

Value = str | int | bool | list[str]

_BYTES_MAXIMUM: Final = 64 * 1024
_SECRET_BYTES: Final = 4096
_ESCAPED: Final = {'"': '\\"', "\\": "\\\\"}


def read(path: Path) -> dict[str, Any]:
    """Return what the file holds. Raises OSError, or ConfigError where it is not TOML."""
    with path.open("rb") as file:
        content = file.read(_BYTES_MAXIMUM + 1)
    if len(content) > _BYTES_MAXIMUM:
        raise ConfigError(f"{path} has more than 64 KiB: it is no file of settings.")
    return _parsed(content, path)


def read_secret(path: Path) -> str:
    """Return the text of a file that holds one secret. Raises OSError or ValueError."""
    with path.open("rb") as file:
        return file.read(_SECRET_BYTES).decode().strip()


def is_readable_by_all(path: Path) -> bool:
    """True if every user of this machine can read the file, as far as the system tells."""
    return os.name != "nt" and bool(path.stat().st_mode & stat.S_IROTH)


def update(path: Path, values: Mapping[str, Value]) -> None:
    """Set `values` in the file and leave its other lines alone; make file and folder if need be.

    Afterwards only its owner can read it (0600). A reader finds the old file or the new one,
    whatever happens. Raises OSError, and ConfigError where the file there is not TOML.
    """
    try:
        old = path.read_bytes()
        owner = path.stat()
    except FileNotFoundError:
        old, owner = b"", None
    new = _with(old, values, path)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_synced(draft, new, owner)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def _with(old: bytes, values: Mapping[str, Value], path: Path) -> bytes:
    """Return the file's content with these values before all else, where no table has begun."""
    wanted = _parsed(old, path) | dict(values)
    keys = "|".join(map(re.escape, values))
    kept = re.sub(rf"^[ \t]*(?:{keys})[ \t]*=.*\n?", "", old.decode(), flags=re.MULTILINE)
    new = "".join(f"{key} = {_encoded(value)}\n" for key, value in values.items()) + kept
    try:
        is_as_wanted = _parsed(new.encode(), path) == wanted
    except ConfigError:
        is_as_wanted = False
    # A value over several lines, say: rather none of it done than a file that says other things.
    if not is_as_wanted:
        raise ConfigError(
            f"{path} is written in a way that cannot be changed by itself. Take the lines of "
            f"{', '.join(values)} out of it and try again."
        )
    return new.encode()


def _parsed(content: bytes, path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  (an agent without such a file does without its 0.4 MB)

    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}. Mend that line.") from error


def _encoded(value: Value) -> str:
    """Return the value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_encoded, value)) + "]"
    if not value.isprintable():
        raise ConfigError("A setting may hold printable characters only.")
    return '"' + "".join(_ESCAPED.get(char, char) for char in value) + '"'


def _write_synced(path: Path, content: bytes, owner: os.stat_result | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(path, flags, 0o600)
    try:
        if owner is not None and hasattr(os, "fchown"):
            # Root may renew a file that the agent's user reads; others cannot give files away.
            with suppress(PermissionError):
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
