"""Speeds of the fans that the machine tells of."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from tara_agent.collectors.hwmon import Reading, Sensors, hwmon_sensors
from tara_agent.collectors.protocol import Values


class FanCollector:
    """Revolutions per minute a fan; nothing on a machine without fans."""

    name = "fans"

    def __init__(self, read: Callable[[float], Iterable[Reading]]) -> None:
        """`read` yields the readings, given the monotonic time."""
        self._read = read

    @classmethod
    def for_linux(cls, sys_path: Path = Path("/sys")) -> Self:
        """Return a collector that reads /sys."""
        return cls(Sensors(lambda: hwmon_sensors(sys_path, "fan"), scale=1).read)

    def collect(self, now: float) -> Values:
        """Return the speeds."""
        readings = dict(self._read(now))
        return {"fan_speed_rpm": {**readings}} if readings else {}
