"""What containers are called, where their engines leave it for us to read. No engine is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tara_agent import files

_SHORT: Final = 12
"""As many characters of an id as the engines show."""


class ContainerNames:
    """Finds names, and remembers them."""

    def __init__(self, root: Path = Path("/")) -> None:
        """`root` is /, or a copy of it."""
        self._root = root
        self._known: dict[str, str] = {}

    def of(self, keys: list[str]) -> dict[str, str]:
        """Return the name of each container, by id; a part of the id where none can be read."""
        if not self._known.keys() >= set(keys):
            by_id = _first_that_answers(self._podman) | _first_that_answers(self._kubernetes)
            for key in keys:
                if key not in self._known:
                    self._known[key] = self._docker(key) or by_id.get(key) or key[:_SHORT]
        self._known = {key: self._known[key] for key in keys}
        return _told_apart(self._known)

    def _docker(self, key: str) -> str:
        path = self._root / "var/lib/docker/containers" / key / "config.v2.json"
        config = _json_of(path)
        name = config.get("Name") if isinstance(config, dict) else None
        return name.lstrip("/") if isinstance(name, str) else ""

    def _podman(self) -> dict[str, str]:
        path = self._root / "var/lib/containers/storage/overlay-containers/containers.json"
        return {each["id"]: each["names"][0] for each in _json_of(path) or ()}

    def _kubernetes(self) -> dict[str, str]:
        """Return namespace/pod/container by id, from the names of the logs."""
        names = {}
        for path in (self._root / "var/log/containers").glob("*_*_*.log"):
            pod, namespace, rest = path.stem.split("_", 2)
            container, _, key = rest.rpartition("-")
            names[key] = f"{namespace}/{pod}/{container}"
        return names


def _first_that_answers(find: Callable[[], dict[str, str]]) -> dict[str, str]:
    try:
        return find()
    except (OSError, ValueError, TypeError, LookupError):
        return {}  # not ours to read, or of a version that we don't know


def _json_of(path: Path) -> Any:
    """Return what a file holds; None where it cannot be read, as anybody but root cannot."""
    try:
        return json.loads(files.read(path))
    except (OSError, ValueError):
        return None


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Return the names, with a part of the id where two are called alike."""
    called = list(names.values())
    return {
        key: name if called.count(name) == 1 else f"{name} {key[:_SHORT]}"
        for key, name in names.items()
    }
