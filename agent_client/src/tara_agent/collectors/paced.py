"""A collector asked less often than samples are taken."""

from tara_agent.collectors.protocol import Collector, Values


class Paced:
    """Asks a collector every so often and repeats what it said in between.

    It is repeated rather than left out, so that samples keep the same series: the server then
    stores nothing but the numbers.
    """

    def __init__(self, collector: Collector, seconds: float) -> None:
        """`seconds` is how old what it said may become."""
        self.name = collector.name
        self._collector = collector
        self._seconds = seconds
        self._due_at = float("-inf")
        self._values: Values = {}

    def collect(self, now: float) -> Values:
        """Return what the collector says, or said. What it raises comes through, once a turn."""
        if now >= self._due_at:
            self._due_at = now + self._seconds
            self._values = {}
            self._values = self._collector.collect(now)
        return self._values
