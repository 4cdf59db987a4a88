"""A fleet made from one recording: what N different machines would have sent, the same every time.

`recording.npz` holds 15 minutes of a real machine, a row a second, while idle, processor, disk,
memory and network phases ran. A sample of a simulated machine is one row of it, so that its phases
last ten times as long at the usual interval of 10 s. Each machine walks through the recording in
runs of 60 to 300 rows from random places, which leaves a compressor no period to find, and has a
size and an activity of its own. Values get noise only where the recorded one moved, and are rounded
as the agent rounds them.

What the recording lacks is made from what it has: cores 2 and 3 from its two cores, `/var` from the
root file system at another time, eth1 from the loopback interface, inodes from bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics.catalog import BY_NAME

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

RECORDING: Final = Path(__file__).with_name("recording.npz")
INTERVAL_SECONDS: Final = 10.0

CORES: Final = ("0", "1", "2", "3")
MOUNTS: Final = ("/", "/var")
DEVICE: Final = "vda"
INTERFACES: Final = {"eth0": "net.eth0", "eth1": "net.lo"}

_RUN_ROWS: Final = (60, 300)
_NOISE: Final = 0.05
_WAKES_MS: Final = 0.13
_LATER_MS: Final = 0.1
_BUSY_LATER_MS: Final = 3.0
_BUSY_SHARE: Final = 0.02
"""How late an agent wakes, as measured: 0.16 ms in the median, some ms now and then. Its rates are
over the time that really passed."""
_PAGE: Final = 4096
_BYTES_AN_INODE: Final = 24_576

_CPU: Final = {
    "cpu_percent": ("cpu.total",),
    "cpu_user_percent": ("cpu.user",),
    "cpu_nice_percent": ("cpu.nice",),
    "cpu_system_percent": ("cpu.system",),
    "cpu_iowait_percent": ("cpu.iowait",),
    "cpu_irq_percent": ("cpu.irq", "cpu.softirq"),
    "cpu_steal_percent": ("cpu.steal",),
}
_INTERFACE: Final = {
    "network_received_bytes_per_second": "bytes_recv",
    "network_sent_bytes_per_second": "bytes_sent",
    "network_received_packets_per_second": "packets_recv",
    "network_sent_packets_per_second": "packets_sent",
    "network_received_errors_per_second": "errin",
    "network_sent_errors_per_second": "errout",
    "network_received_drops_per_second": "dropin",
    "network_sent_drops_per_second": "dropout",
}
_DEVICE: Final = {
    "device_read_bytes_per_second": "io.read_bytes",
    "device_written_bytes_per_second": "io.write_bytes",
    "device_reads_per_second": "io.read_count",
    "device_writes_per_second": "io.write_count",
}


class SeriesName(NamedTuple):
    """A series as the agent names it; `instance` is empty where the metric has none."""

    metric: str
    instance: str

    @property
    def decimals(self) -> int:
        """The precision the agent sends."""
        return BY_NAME[self.metric].decimals


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of one machine: `offsets_ms` since the first was due, and a row of values each."""

    series: tuple[SeriesName, ...]
    offsets_ms: Rows
    values: Floats


@cache
def recording() -> dict[str, Floats]:
    """Return the recorded columns by name, less the first row: counters as growth a second."""
    with np.load(RECORDING) as stored:
        columns = dict(zip(stored["columns"].tolist(), stored["data"].T, strict=True))
    counters = ("io.", "net.")
    return {
        name: np.diff(column) if name.startswith(counters) else column[1:]
        for name, column in columns.items()
    }


def machine(
    number: int, count: int, *, seed: int = 0, interval_seconds: float = INTERVAL_SECONDS
) -> Run:
    """Return `count` samples of machine `number`; the same arguments give the same samples."""
    return _Machine(np.random.default_rng([seed, number]), count, interval_seconds).run()


class _Machine:
    """Draws the values of one machine; the order of the draws is what makes them repeatable."""

    def __init__(self, rng: np.random.Generator, count: int, interval_seconds: float) -> None:
        self.rng = rng
        self.count = count
        self.size = 2.0 ** rng.integers(-3, 4)
        self.disk_size = 2.0 ** rng.integers(-2, 4)
        self.activity = float(rng.uniform(0.3, 1.6))
        self.uptime_seconds = rng.integers(3_600, 300 * 86_400)
        self.interval_ms = round(interval_seconds * 1000)
        self.rows = self._walk()
        is_busy = rng.random(count) < _BUSY_SHARE
        late_ms = _WAKES_MS + rng.exponential(np.where(is_busy, _BUSY_LATER_MS, _LATER_MS))
        woken_ms = np.arange(count) * self.interval_ms + rng.random() + late_ms
        self.offsets_ms = woken_ms.astype(np.int64)
        passed_ms = np.diff(woken_ms, prepend=woken_ms[0] - self.interval_ms)
        self.passed_seconds = passed_ms / 1000
        self.columns: dict[SeriesName, Floats] = {}

    def run(self) -> Run:
        """Return every series, in the order in which the agent's collectors name them."""
        self._processor()
        self._memory()
        self._system()
        self._device()
        self._interfaces()
        self._mounts()
        series = tuple(self.columns)
        return Run(series, self.offsets_ms, np.column_stack(list(self.columns.values())))

    def _walk(self) -> Rows:
        """Return which recorded row each sample shows: runs from random places."""
        recorded = len(recording()["time"])
        lengths = self.rng.integers(_RUN_ROWS[0], _RUN_ROWS[1] + 1, self.count // _RUN_ROWS[0] + 1)
        starts = self.rng.integers(0, recorded - lengths)
        runs = [np.arange(first, first + n) for first, n in zip(starts, lengths, strict=True)]
        return np.concatenate(runs)[: self.count].astype(np.int64)

    def _gauge(self, *names: str, rows: Rows | None = None, noise: float = _NOISE) -> Floats:
        """Return the sum of recorded levels with noise that stays while the level stays."""
        rows = self.rows if rows is None else rows
        level = sum((recording()[name] for name in names), np.zeros(()))[rows]
        moved = np.diff(level, prepend=np.nan) != 0
        since = np.maximum.accumulate(np.where(moved, np.arange(self.count), 0))
        factors = 1 + noise * self.rng.standard_normal(self.count)
        kept: Floats = np.maximum(0, level * factors[since])
        return kept

    def _grown(self, name: str, *, unit: float = 1) -> Floats:
        """Return by how much a counter grew between samples, in whole units, with noise."""
        growth = recording()[name][self.rows] * self.activity * self.interval_ms / 1000
        factors = 1 + _NOISE * self.rng.standard_normal(self.count)
        grown: Floats = np.maximum(0, np.rint(growth * factors / unit) * unit)
        return grown

    def _put(self, metric: str, values: Floats, instance: str = "") -> None:
        entry = BY_NAME[metric]
        bounded = np.clip(np.broadcast_to(values, self.count), 0, entry.maximum or np.inf)
        self.columns[SeriesName(metric, instance)] = np.round(bounded, entry.decimals)

    def _put_rate(self, metric: str, growth: Floats, instance: str) -> None:
        self._put(metric, growth / self.passed_seconds, instance)

    def _processor(self) -> None:
        for metric, names in _CPU.items():
            self._put(metric, self.activity * self._gauge(*names))
        for place, core in enumerate(CORES):
            busy = self._gauge(f"cpu.{place % 2}")
            self._put("cpu_core_percent", self.activity * busy, core)
        for minutes in (1, 5, 15):
            self._put(f"load_{minutes}m", self.activity * self._gauge(f"load.{minutes}"))

    def _memory(self) -> None:
        total = _pages(recording()["mem.total"][0] * self.size)
        used = np.minimum(_pages(self._gauge("mem.used") * self.size), total)
        self._put("memory_percent", 100 * used / total)
        self._put("memory_total_bytes", total)
        self._put("memory_used_bytes", used)
        self._put("memory_available_bytes", total - used)
        for kind in ("cached", "buffers"):
            self._put(f"memory_{kind}_bytes", _pages(self._gauge(f"mem.{kind}") * self.size))
        swap = _pages(total / 8)
        self._put("swap_total_bytes", swap)
        self._put("swap_used_bytes", np.zeros(()))
        self._put("swap_percent", np.zeros(()))

    def _system(self) -> None:
        uptime = self.uptime_seconds + self.offsets_ms // 1000
        self._put("uptime_seconds", uptime.astype(np.float64))
        self._put("process_count", self._gauge("procs", noise=0.02) * (1 + self.activity))

    def _device(self) -> None:
        for metric, name in _DEVICE.items():
            unit = _PAGE if name.endswith("bytes") else 1
            self._put_rate(metric, self._grown(name, unit=unit), DEVICE)
        self._put_rate("device_busy_percent", self._grown("io.busy_time") / 10, DEVICE)

    def _interfaces(self) -> None:
        for metric, counter in _INTERFACE.items():
            for interface, name in INTERFACES.items():
                self._put_rate(metric, self._grown(f"{name}.{counter}"), interface)

    def _mounts(self) -> None:
        usage = [self._usage(self.rows), self._usage(self._walk())]
        for metric in usage[0]:
            for mount, figures in zip(MOUNTS, usage, strict=True):
                self._put(metric, figures[metric], mount)

    def _usage(self, rows: Rows) -> dict[str, Floats]:
        """Return the space and inodes of a file system that is filled as the recorded one was."""
        total = _pages(recording()["fs.root.total"][0] * self.disk_size)
        # A file system's level creeps: noise of 5 % of it would be gigabytes a second.
        used = _pages(self._gauge("fs.root.used", rows=rows, noise=1e-4) * self.disk_size)
        free = np.maximum(0, _pages(total * 0.95) - used)
        inodes, inodes_used = total / 16_384, np.floor(used / _BYTES_AN_INODE)
        return {
            "disk_percent": 100 * used / (used + free),
            "disk_total_bytes": total,
            "disk_used_bytes": used,
            "disk_free_bytes": free,
            "disk_inodes_percent": 100 * inodes_used / inodes,
            "disk_inodes_total": np.floor(inodes),
            "disk_inodes_used": inodes_used,
        }


def _pages(size: Floats) -> Floats:
    return np.rint(size / _PAGE) * _PAGE
