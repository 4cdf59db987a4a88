"""The load averages."""

from collections.abc import Callable

from tara_agent.collectors.protocol import Values


class LoadCollector:
    """Runnable tasks, mean over 1, 5 and 15 minutes."""

    name = "load"

    def __init__(self, read: Callable[[], tuple[float, float, float]]) -> None:
        """`read` returns the three averages."""
        self._read = read

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the three averages."""
        one, five, fifteen = self._read()
        return {"load_1m": one, "load_5m": five, "load_15m": fifteen}
