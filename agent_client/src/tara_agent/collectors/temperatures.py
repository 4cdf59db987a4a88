"""Temperatures of the sensors that the machine has."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from tara_agent.collectors.hwmon import Reading, Sensors, hwmon_sensors, thermal_zones
from tara_agent.collectors.protocol import Values


class TemperatureCollector:
    """Degrees Celsius a sensor; nothing on a machine without sensors."""

    name = "temperatures"

    def __init__(self, read: Callable[[float], Iterable[Reading]]) -> None:
        """`read` yields the readings, given the monotonic time."""
        self._read = read

    @classmethod
    def for_linux(cls, sys_path: Path = Path("/sys")) -> Self:
        """Return a collector that reads /sys; thermal zones where there is nothing better."""
        return cls(
            Sensors(
                lambda: list(hwmon_sensors(sys_path, "temp")) or thermal_zones(sys_path),
                scale=1000,
            ).read
        )

    def collect(self, now: float) -> Values:
        """Return the temperatures."""
        readings = dict(self._read(now))
        return {"temperature_celsius": {**readings}} if readings else {}
