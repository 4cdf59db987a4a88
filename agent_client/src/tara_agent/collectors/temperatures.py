"""Temperatures of the sensors that the machine has."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

import psutil

from tara_agent.collectors.protocol import Values

_LOOK_AGAIN_SECONDS: Final = 600.0
"""Sensors seldom come and go; finding them takes a directory walk, reading one a single file."""

Reading = tuple[str, float]
"""A sensor's name and its degrees Celsius."""


def read_with_psutil() -> Iterable[Reading]:
    """Yield what psutil finds, where the system has such a function."""
    read = getattr(psutil, "sensors_temperatures", dict)
    for chip, sensors in read().items():
        for sensor in sensors:
            yield f"{chip} {sensor.label}".strip(), sensor.current


class LinuxSensors:
    """The temperature files below /sys, found once in ten minutes and read each time."""

    def __init__(self, sys_path: Path) -> None:
        """`sys_path` is /sys, or a copy of it."""
        self._sys_path = sys_path
        self._sensors: dict[str, Path] = {}

    def find(self) -> None:
        """Look for sensors; thermal zones are the fallback of machines without any other."""
        sensors = list(_hwmon_sensors(self._sys_path / "class/hwmon"))
        zones = _thermal_zones(self._sys_path / "class/thermal")
        self._sensors = _told_apart(sensors or zones)

    def read(self) -> Iterable[Reading]:
        """Yield each sensor that answers; one that is asleep or gone is left out."""
        for name, path in self._sensors.items():
            try:
                yield name, int(path.read_bytes()) / 1000
            except (OSError, ValueError):
                continue


def _hwmon_sensors(root: Path) -> Iterable[tuple[str, Path]]:
    for path in sorted(root.glob("hwmon*/temp*_input")):
        stem = path.name.removesuffix("_input")
        label = _text(path.with_name(f"{stem}_label")) or stem
        yield f"{_text(path.with_name('name')) or path.parent.name} {label}", path


def _thermal_zones(root: Path) -> Iterable[tuple[str, Path]]:
    for path in sorted(root.glob("thermal_zone*/temp")):
        yield f"{_text(path.with_name('type'))} {path.parent.name}".strip(), path


def _told_apart(sensors: Iterable[tuple[str, Path]]) -> dict[str, Path]:
    """Return path by name; the second of two disks that call themselves alike becomes `name #2`."""
    told_apart: dict[str, Path] = {}
    seen: Counter[str] = Counter()
    for name, path in sensors:
        seen[name] += 1
        told_apart[f"{name} #{seen[name]}" if seen[name] > 1 else name] = path
    return told_apart


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


class TemperatureCollector:
    """Degrees Celsius a sensor; nothing on a machine without sensors."""

    name = "temperatures"

    def __init__(
        self,
        read: Callable[[], Iterable[Reading]] = read_with_psutil,
        find: Callable[[], None] = lambda: None,
    ) -> None:
        """`read` yields the readings of the sensors that the last `find` found."""
        self._read = read
        self._find = find
        self._find_at = float("-inf")

    @classmethod
    def for_linux(cls, sys_path: Path = Path("/sys")) -> Self:
        """Return a collector that reads the files below /sys."""
        sensors = LinuxSensors(sys_path)
        return cls(sensors.read, sensors.find)

    def collect(self, now: float) -> Values:
        """Return the temperatures."""
        if now >= self._find_at:
            self._find()
            self._find_at = now + _LOOK_AGAIN_SECONDS
        readings = dict(self._read())
        return {"temperature_celsius": {**readings}} if readings else {}
