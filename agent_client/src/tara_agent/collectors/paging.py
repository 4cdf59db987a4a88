"""What had to be read from or written to a disk for want of memory, from /proc/vmstat."""

import os
from pathlib import Path
from typing import Final

from tara_agent import files
from tara_agent.collectors.protocol import Values
from tara_agent.counters import Rates

_METRICS: Final = {
    "swap_in_bytes_per_second": b"\npswpin ",
    "swap_out_bytes_per_second": b"\npswpout ",
    "memory_major_faults_per_second": b"\npgmajfault ",
    "memory_oom_kills_per_second": b"\noom_kill ",
}


class PagingCollector:
    """Rates since the last call."""

    name = "paging"

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """`proc` is /proc, or a copy of it."""
        self._path = str(proc / "vmstat")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._rates = Rates()

    def collect(self, now: float) -> Values:
        """Return the rates of what this kernel counts."""
        content = b"\n" + files.read(self._path)
        counters = {
            metric: (self._counter(content, metric, line),)
            for metric, line in _METRICS.items()
            if line in content
        }
        rates = self._rates.per_second(counters, now=now)
        return {metric: rate for metric, (rate,) in rates.items()}

    def _counter(self, content: bytes, metric: str, line: bytes) -> int:
        start = content.index(line) + len(line)
        count = int(content[start : content.index(b"\n", start)])
        return count * self._page_bytes if "bytes" in metric else count
