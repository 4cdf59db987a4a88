"""Swap space, for systems without a /proc/meminfo."""

from collections.abc import Callable

from tara_agent.collectors.protocol import Values


class SwapCollector:
    """Swap space in all and in use."""

    name = "swap"

    def __init__(self, read: Callable[[], tuple[int, int]]) -> None:
        """`read` returns the bytes in all and in use."""
        self._read = read

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the figures; a machine without swap has no percentage of it."""
        total, used = self._read()
        values: Values = {"swap_total_bytes": total, "swap_used_bytes": used}
        if total:
            values["swap_percent"] = 100 * used / total
        return values
