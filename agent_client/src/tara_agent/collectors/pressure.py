"""Pressure stall information: the share of time in which tasks waited for what they needed."""

from pathlib import Path
from typing import Final

from tara_agent import files
from tara_agent.collectors.protocol import Values
from tara_agent.counters import Rates

_METRICS: Final = {
    ("cpu", b"some"): "pressure_cpu_percent",  # all tasks cannot wait for the processor at once
    ("memory", b"some"): "pressure_memory_percent",
    ("memory", b"full"): "pressure_memory_full_percent",
    ("io", b"some"): "pressure_io_percent",
    ("io", b"full"): "pressure_io_full_percent",
}
_PERCENT_OF_MICROSECONDS: Final = 1e-4


class PressureCollector:
    """Percentages of the time since the last call. Kernels before 4.20, or told not to, have none.

    They are made from the kernel's totals: its own means lag behind by ten seconds at the least.
    """

    name = "pressure"

    def __init__(self, proc: Path = Path("/proc")) -> None:
        """`proc` is /proc, or a copy of it."""
        folder = proc / "pressure"
        self._paths = {name: str(folder / name) for name in ("cpu", "memory", "io")}
        self._rates = Rates()

    def collect(self, now: float) -> Values:
        """Return the percentages; nothing where the kernel does not measure them."""
        counters: dict[str, tuple[float, ...]] = {}
        for resource, path in self._paths.items():
            try:
                content = files.read(path)
            except OSError:
                continue  # ENOENT, or EOPNOTSUPP where the kernel was started with psi=0
            for line in content.splitlines():
                metric = _METRICS.get((resource, line[:4]))
                if metric:
                    counters[metric] = (_PERCENT_OF_MICROSECONDS * int(line.rpartition(b"=")[2]),)
        rates = self._rates.per_second(counters, now=now)
        return {metric: rate for metric, (rate,) in rates.items()}
