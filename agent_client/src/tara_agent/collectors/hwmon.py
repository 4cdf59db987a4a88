"""Sensors of the hardware, as Linux has them below /sys."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tara_agent import files

LOOK_AGAIN_SECONDS: Final = 600.0
"""Sensors seldom come and go; finding them takes a directory walk, reading one a single file."""

Reading = tuple[str, float]
"""A sensor's name and what it shows."""

Finder = Callable[[], Iterable[tuple[str, Path]]]


class Sensors:
    """The files of some sensors, found once in ten minutes and read each time."""

    def __init__(self, find: Finder, *, scale: float) -> None:
        """`find` yields name and path of each; what a file says is divided by `scale`."""
        self._find = find
        self._scale = scale
        self._find_at = float("-inf")
        self._paths: dict[str, str] = {}

    def read(self, now: float) -> Iterable[Reading]:
        """Yield each sensor that answers; one that is asleep or gone is left out."""
        if now >= self._find_at:
            self._paths = _told_apart(self._find())
            self._find_at = now + LOOK_AGAIN_SECONDS
        for name, path in self._paths.items():
            try:
                yield name, int(files.read(path)) / self._scale
            except (OSError, ValueError):
                continue


def hwmon_sensors(sys_path: Path, kind: str) -> Iterable[tuple[str, Path]]:
    """Yield the sensors of a kind, `temp` or `fan`, named by chip and label."""
    for path in sorted((sys_path / "class/hwmon").glob(f"hwmon*/{kind}*_input")):
        stem = path.name.removesuffix("_input")
        label = files.text_of(path.with_name(f"{stem}_label")) or stem
        yield f"{files.text_of(path.with_name('name')) or path.parent.name} {label}", path


def thermal_zones(sys_path: Path) -> Iterable[tuple[str, Path]]:
    """Yield the thermal zones, named by type and number."""
    for path in sorted((sys_path / "class/thermal").glob("thermal_zone*/temp")):
        yield f"{files.text_of(path.with_name('type'))} {path.parent.name}".strip(), path


def _told_apart(sensors: Iterable[tuple[str, Path]]) -> dict[str, str]:
    """Return path by name; the second of two disks that call themselves alike becomes `name #2`."""
    told_apart: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for name, path in sensors:
        seen[name] += 1
        told_apart[f"{name} #{seen[name]}" if seen[name] > 1 else name] = str(path)
    return told_apart
