"""Samples: every collector asked once, the values rounded, and the whole frozen as JSON."""

import json
import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

from tara_agent.catalogue import rounded
from tara_agent.collectors.processes import ProcessWatch, Told
from tara_agent.collectors.protocol import Collector, Value, Values
from tara_agent.names import clean

INSTANCES_MAXIMUM: Final = 512
"""How many different instances the server takes in a sample; the rest would cost all of it."""
VALUE_MAXIMUM: Final = 1e18
"""The largest number that the server takes, either way."""

logger = logging.getLogger(__name__)


class Sample(NamedTuple):
    """All values of one instant, as the bytes that every attempt to send it repeats."""

    number: int
    time: float
    encoded: bytes


class Sampler:
    """Takes samples. A collector that fails costs its own values only and is logged once."""

    def __init__(
        self,
        collectors: Sequence[Collector],
        *,
        processes: ProcessWatch | None = None,
        first_number: int = 1,
    ) -> None:
        """`first_number` is the first sample's; each one after it has the next."""
        self._collectors = collectors
        self._processes = processes
        self._failed: set[str] = set()
        self._number = first_number

    def prime(self, *, now: float) -> None:
        """Read the counters, so that the first sample has rates; `now` in monotonic seconds."""
        self._collect(now)
        self._look(now)

    def take(self, *, now: float, time: float) -> Sample:
        """Return a sample; `now` in monotonic seconds, `time` in Unix seconds."""
        time = round(time, 3)
        content: dict[str, object] = {"time": time, "values": tidy(self._collect(now))}
        if processes := self._look(now):
            content["processes"] = processes
        encoded = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
        sample = Sample(self._number, time, encoded)
        self._number += 1
        return sample

    def _collect(self, now: float) -> Values:
        values: Values = {}
        for collector in self._collectors:
            try:
                values.update(collector.collect(now))
            except OSError as error:
                self._report_unreadable(collector.name, error)
            except Exception:  # noqa: BLE001  (it is logged, once, in _report)
                self._report(collector.name)
        return values

    def _look(self, now: float) -> list[Told]:
        """Return the top processes, where there is a watch and it is due."""
        if self._processes is None:
            return []
        try:
            return self._processes.look(now)
        except OSError as error:
            self._report_unreadable(self._processes.name, error)
        except Exception:  # noqa: BLE001  (it is logged, once, in _report)
            self._report(self._processes.name)
        return []

    def _report(self, name: str) -> None:
        """Log the current exception, the first time this collector raises."""
        if name not in self._failed:
            self._failed.add(name)
            logger.exception("collector %s failed; its values are left out", name)

    def _report_unreadable(self, name: str, error: OSError) -> None:
        """Log what a collector cannot read, the first time; that is the system's, and no bug."""
        if name not in self._failed:
            self._failed.add(name)
            logger.warning(
                "collector %s cannot measure here (%s); its values are left out", name, error
            )


def _is_number(value: float) -> bool:
    """True for what the server takes: neither NaN nor beyond its bounds."""
    return -VALUE_MAXIMUM <= value <= VALUE_MAXIMUM


def tidy(values: Values) -> Values:
    """Return the values as they are sent: finite, rounded, under names that the server takes."""
    instances: set[str] = set()
    tidied: Values = {}
    for metric, value in values.items():
        kept: Value | None
        if isinstance(value, dict):
            kept = _tidy_instances(metric, value, instances) or None
        else:
            kept = rounded(metric, value) if _is_number(value) else None
        if kept is not None:
            tidied[metric] = kept
    return tidied


def _tidy_instances(metric: str, value: dict[str, float], instances: set[str]) -> dict[str, float]:
    tidied: dict[str, float] = {}
    for instance, number in value.items():
        name = clean(instance)
        if name not in instances:
            if len(instances) >= INSTANCES_MAXIMUM:
                continue
            instances.add(name)
        if _is_number(number):
            tidied.setdefault(name, rounded(metric, number))
    return tidied
