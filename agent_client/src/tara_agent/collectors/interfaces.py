"""Network interfaces: bytes, packets, errors and drops."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from tara_agent.collectors.choice import EVERYTHING_USUAL, Choice
from tara_agent.collectors.net_dev import read_net_dev
from tara_agent.collectors.protocol import Values, by_metric
from tara_agent.counters import Rates

_FIELDS: Final = {
    "network_received_bytes_per_second": "bytes_recv",
    "network_sent_bytes_per_second": "bytes_sent",
    "network_received_packets_per_second": "packets_recv",
    "network_sent_packets_per_second": "packets_sent",
    "network_received_errors_per_second": "errin",
    "network_sent_errors_per_second": "errout",
    "network_received_drops_per_second": "dropin",
    "network_sent_drops_per_second": "dropout",
}
_LEFT_OUT: Final = {"lo", "lo0", "docker0"}
_LEFT_OUT_PREFIXES: Final = ("veth", "br-", "ifb", "dummy", "Loopback")
"""What containers come and go with, what shapes traffic, and the machine talking to itself."""


def is_real(name: str) -> bool:
    """True for an interface that leads out of the machine."""
    return name not in _LEFT_OUT and not name.startswith(_LEFT_OUT_PREFIXES)


class InterfaceCollector:
    """Rates of each interface since the last call."""

    name = "interfaces"

    def __init__(
        self,
        read: Callable[[], Mapping[str, Any]],
        *,
        choice: Choice = EVERYTHING_USUAL,
    ) -> None:
        """`read` returns counters by interface as psutil does."""
        self._read = read
        self._choice = choice
        self._rates = Rates()

    @classmethod
    def for_linux(cls, proc: Path = Path("/proc"), *, choice: Choice = EVERYTHING_USUAL) -> Self:
        """Return a collector that reads /proc/net/dev."""
        path = str(proc / "net/dev")
        return cls(lambda: read_net_dev(path), choice=choice)

    def collect(self, now: float) -> Values:
        """Return the rates."""
        counters = {
            name: tuple(getattr(interface, field) for field in _FIELDS.values())
            for name, interface in self._read().items()
            if self._choice.takes(name, by_default=is_real(name))
        }
        return by_metric(tuple(_FIELDS), self._rates.per_second(counters, now=now))
