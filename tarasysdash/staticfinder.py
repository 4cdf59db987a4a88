"""Finds the browser libraries in node_modules: the files named here, and no other, are served.

They keep their path in the package behind `vendor/`, so that a stylesheet and its source map find
each other. A list by hand keeps the 37 MB of sources that npm installs beside them off the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core import checks
from django.core.files.storage import FileSystemStorage

PREFIX: Final = "vendor"
_INTER: Final = "@fontsource-variable/inter/files"
NPM_FILES: Final = (
    f"{_INTER}/inter-latin-ext-wght-normal.woff2",
    f"{_INTER}/inter-latin-wght-normal.woff2",
    "bootstrap/dist/css/bootstrap-reboot.min.css",
    "bootstrap/dist/css/bootstrap-reboot.min.css.map",
    "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/dist/css/bootstrap.min.css.map",
    "htmx.org/dist/htmx.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)


def node_modules() -> Path:
    """Return the folder that npm installs into."""
    return Path(settings.BASE_DIR) / "node_modules"


class NodeModulesFinder(BaseFinder):
    """Serves `NPM_FILES` as `vendor/<path in the package>`."""

    def check(self, **_: Any) -> list[checks.CheckMessage]:
        """Say what to do where a file was neither installed nor collected."""
        missing = [name for name in NPM_FILES if not _is_at_hand(name)]
        if not missing:
            return []
        return [
            checks.Warning(
                f"{len(missing)} files of the browser libraries are missing, such as {missing[0]}.",
                hint="Run make assets; pages have no style without them.",
                id="tarasysdash.W001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """Return where the file is; an empty list where this finder does not serve it."""
        name = path.replace("\\", "/").removeprefix(f"{PREFIX}/")
        served = path != name and name in NPM_FILES and (node_modules() / name).is_file()
        if not served:
            return []
        found = str(node_modules() / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:  # noqa: ARG002
        """Yield each file and the storage that opens it."""
        storage = FileSystemStorage(location=node_modules())
        # collectstatic asks each storage for the folder that its files go to.
        storage.prefix = PREFIX  # type: ignore[attr-defined]
        for name in NPM_FILES:
            if (node_modules() / name).is_file():
                yield name, storage


def _is_at_hand(name: str) -> bool:
    collected = Path(settings.STATIC_ROOT) / PREFIX / name
    return (node_modules() / name).is_file() or collected.is_file()
