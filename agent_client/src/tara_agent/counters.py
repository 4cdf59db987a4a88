"""Rates from counters that only grow, by the monotonic clock."""

from collections.abc import Mapping


class Rates:
    """Remembers the last reading of some counters and turns the next one into rates."""

    def __init__(self) -> None:
        self._at = 0.0
        self._last: dict[str, tuple[float, ...]] = {}

    def per_second(
        self, counters: Mapping[str, tuple[float, ...]], *, now: float
    ) -> dict[str, tuple[float, ...]]:
        """Return the rates of each instance since the last call; `now` in monotonic seconds.

        An instance that is new, or one of whose counters went backwards (a reset: the device came
        and went), is left out this once.
        """
        elapsed = now - self._at
        rates: dict[str, tuple[float, ...]] = {}
        for instance, current in counters.items():
            deltas = self._deltas(instance, current)
            if deltas is not None and elapsed > 0:
                rates[instance] = tuple(delta / elapsed for delta in deltas)
        self._at, self._last = now, dict(counters)
        return rates

    def _deltas(self, instance: str, current: tuple[float, ...]) -> list[float] | None:
        last = self._last.get(instance)
        if last is None or len(last) != len(current):
            return None
        deltas = [new - old for new, old in zip(current, last, strict=True)]
        return deltas if min(deltas, default=0) >= 0 else None
