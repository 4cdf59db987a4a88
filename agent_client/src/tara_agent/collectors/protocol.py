"""What a collector is."""

from typing import Protocol

Value = float | dict[str, float]
Values = dict[str, Value]
"""Metric -> number, or metric -> instance -> number. What could not be measured is not in it."""


class Collector(Protocol):
    """Reads one family of metrics."""

    name: str

    def collect(self, now: float) -> Values:
        """Return the current values; `now` in monotonic seconds. May raise: costs these only."""
        ...


def by_metric(metrics: tuple[str, ...], readings: dict[str, tuple[float, ...]]) -> dict[str, Value]:
    """Return metric -> instance -> value, from each instance's values in the metrics' order."""
    return {
        metric: {instance: reading[index] for instance, reading in readings.items()}
        for index, metric in enumerate(metrics)
        if readings
    }
