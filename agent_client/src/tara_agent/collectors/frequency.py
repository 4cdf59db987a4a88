"""How fast the processor's clock runs."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

from tara_agent import files
from tara_agent.collectors.protocol import Values

_ASKED_AT_MOST: Final = 16
"""Some kernels interrupt a core to ask its clock; of hundreds of them, these few tell as much."""


class LinuxClocks:
    """The clocks below /sys, else those of /proc/cpuinfo, as virtual machines have them."""

    def __init__(self, sys_path: Path, proc: Path) -> None:
        """`sys_path` and `proc` are /sys and /proc, or copies of them."""
        found = sorted((sys_path / "devices/system/cpu/cpufreq").glob("policy*/scaling_cur_freq"))
        self._paths = found[:: len(found) // _ASKED_AT_MOST + 1]
        self._cpuinfo = proc / "cpuinfo"

    def read(self) -> Iterable[float]:
        """Yield frequencies in hertz."""
        if self._paths:
            for path in self._paths:
                khz = files.text_of(path)
                if khz.isdecimal():
                    yield int(khz) * 1e3
            return
        for line in files.text_of(self._cpuinfo).splitlines():
            if line.startswith("cpu MHz"):
                yield float(line.partition(":")[2]) * 1e6


class FrequencyCollector:
    """The mean of the cores' clocks."""

    name = "frequency"

    def __init__(self, read: Callable[[], Iterable[float]]) -> None:
        """`read` returns frequencies in hertz."""
        self._read = read

    @classmethod
    def for_linux(cls, sys_path: Path = Path("/sys"), proc: Path = Path("/proc")) -> Self:
        """Return a collector that reads the files of the kernel."""
        return cls(LinuxClocks(sys_path, proc).read)

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the mean; nothing where none is told."""
        frequencies = list(self._read())
        if not frequencies:
            return {}
        return {"cpu_frequency_hertz": sum(frequencies) / len(frequencies)}
