"""Batteries and mains power."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

from tara_agent import files
from tara_agent.collectors.protocol import Values


class Power(NamedTuple):
    """Charge in percent by battery; None where the machine does not tell of mains power."""

    charges: dict[str, float]
    is_on_mains: bool | None


def read_supplies(sys_path: Path) -> Power:
    """Return what /sys/class/power_supply says; a mouse's battery is not the machine's."""
    charges: dict[str, float] = {}
    mains = []
    for folder in sorted((sys_path / "class/power_supply").glob("*")):
        kind = files.text_of(folder / "type")
        charge = files.text_of(folder / "capacity")
        if kind == "Battery" and files.text_of(folder / "scope") != "Device":
            if charge.isdecimal():
                charges[folder.name] = float(charge)
        elif kind in {"Mains", "USB"}:
            mains.append(files.text_of(folder / "online") == "1")
    return Power(charges, any(mains) if mains else None)


class BatteryCollector:
    """Charge of each battery, and whether the machine has mains power."""

    name = "battery"

    def __init__(self, read: Callable[[], Power]) -> None:
        """`read` returns the state of the power supplies."""
        self._read = read

    @classmethod
    def for_linux(cls, sys_path: Path = Path("/sys")) -> Self:
        """Return a collector that reads /sys."""
        return cls(lambda: read_supplies(sys_path))

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return both; nothing of a machine without a battery, which is always on mains."""
        power = self._read()
        if not power.charges:
            return {}
        values: Values = {"battery_percent": {**power.charges}}
        if power.is_on_mains is not None:
            values["battery_on_mains"] = int(power.is_on_mains)
        return values
