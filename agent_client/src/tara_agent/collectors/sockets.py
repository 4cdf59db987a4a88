"""Sockets by state, as the kernel counts them: nothing is walked.

Walking them, as psutil.net_connections does, cost 16.6 ms; these files cost 15 µs.
"""

from pathlib import Path

from tara_agent import files
from tara_agent.collectors.protocol import Values
from tara_agent.counters import Rates


class SocketCollector:
    """TCP sockets by state, UDP sockets, and TCP's retransmits since the last call."""

    name = "sockets"

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """`proc` is /proc, or a copy of it."""
        folder = proc / "net"
        self._paths = [str(folder / "sockstat"), str(folder / "sockstat6")]
        self._snmp_path = str(folder / "snmp")
        self._rates = Rates()

    def collect(self, now: float) -> Values:
        """Return the counts; `in use` has all but those that wait after their end."""
        four, six = (_sockets(path) for path in self._paths)
        tcp, snmp = four.get(b"TCP:", {}), _tcp_counters(self._snmp_path)
        values: Values = {}
        if tcp:
            values["network_tcp_socket_count"] = {
                "in use": tcp[b"inuse"] + six.get(b"TCP6:", {}).get(b"inuse", 0),
                "orphan": tcp[b"orphan"],
                "time wait": tcp[b"tw"],
                **({"established": snmp[b"CurrEstab"]} if b"CurrEstab" in snmp else {}),
            }
        if b"UDP:" in four:
            used = four[b"UDP:"][b"inuse"] + six.get(b"UDP6:", {}).get(b"inuse", 0)
            values["network_udp_socket_count"] = used
        if b"RetransSegs" in snmp:
            rates = self._rates.per_second({"": (snmp[b"RetransSegs"],)}, now=now)
            values.update(
                ("network_tcp_retransmits_per_second", rate) for (rate,) in rates.values()
            )
        return values


def _sockets(path: str) -> dict[bytes, dict[bytes, int]]:
    """Return protocol -> name -> count; nothing where there is no such file, as without IPv6."""
    try:
        lines = files.read(path).splitlines()
    except OSError:
        return {}
    parted = (line.split() for line in lines)
    return {
        words[0]: dict(zip(words[1::2], map(int, words[2::2]), strict=False)) for words in parted
    }


def _tcp_counters(path: str) -> dict[bytes, int]:
    """Return the counters of TCP, which stand in two lines: names and numbers."""
    try:
        content = files.read(path)
    except OSError:
        return {}
    names, numbers = (line.split() for line in content.splitlines() if line.startswith(b"Tcp:"))
    return dict(zip(names[1:], map(int, numbers[1:]), strict=True))
