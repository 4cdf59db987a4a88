"""Every chart there is: its title, its kind and its metrics. Nothing else on the server knows any.

A chart is shown where the agent sends one of its metrics. A metric outside the catalogue gets a
chart of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from metrics.catalog import BY_NAME, Unit, metric_of

LINES_MAXIMUM: Final = 6
CUSTOM_CHARTS_MAXIMUM: Final = 100
"""As many colours as can be told apart."""


class Kind(StrEnum):
    """How the lines of a chart stand to each other."""

    BAND = "band"  # one line, with the band between minimum and maximum behind it
    LINES = "lines"
    STACK = "stack"
    MIRROR = "mirror"  # what comes in is drawn up, what goes out is drawn down


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of a chart; a metric with instances is a line for each of them.

    `label` is what a line is called; `each` where there are several instances, or no label.
    """

    metric: str
    label: str = ""
    each: str = "{instance}"
    down: bool = False

    def label_of(self, instance: str, *, is_only_one: bool) -> str:
        """Return what the line of `instance` is called."""
        if self.label and (is_only_one or not instance):
            return self.label
        return self.each.format(instance=instance) if instance else self.metric


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `format` names a function of dashboard.units; `factor` leads up to it."""

    name: str
    title: str
    lines: Sequence[Line]
    format: str
    kind: Kind = Kind.LINES
    factor: int = 1
    maximum: float | None = None
    maximum_metric: str = ""
    note: str = ""


def _percent(name: str, title: str, *lines: Line, kind: Kind = Kind.LINES) -> Chart:
    return Chart(name, title, lines, "percent", kind, maximum=100)


_FORMATS: Final = {
    Unit.PERCENT: "percent",
    Unit.BYTES: "capacity",
    Unit.BYTES_PER_SECOND: "byte_rate",
    Unit.PER_SECOND: "rate",
    Unit.SECONDS: "duration",
    Unit.CELSIUS: "celsius",
    Unit.COUNT: "count",
    Unit.NUMBER: "number",
}

CHARTS: Final[tuple[Chart, ...]] = (
    _percent("cpu", "CPU", Line("cpu_percent", "Average"), kind=Kind.BAND),
    Chart(
        "load",
        "Load average",
        (Line("load_1m", "1 min"), Line("load_5m", "5 min"), Line("load_15m", "15 min")),
        "number",
    ),
    Chart(
        "memory",
        "Memory",
        (
            Line("memory_used_bytes", "Used"),
            Line("memory_cached_bytes", "Cached"),
            Line("memory_buffers_bytes", "Buffers"),
        ),
        "memory",
        Kind.STACK,
        maximum_metric="memory_total_bytes",
    ),
    _percent(
        "cpu-modes",
        "CPU by mode",
        Line("cpu_user_percent", "User"),
        Line("cpu_system_percent", "System"),
        Line("cpu_iowait_percent", "I/O wait"),
        Line("cpu_steal_percent", "Steal"),
        Line("cpu_nice_percent", "Nice"),
        Line("cpu_irq_percent", "Interrupts"),
        kind=Kind.STACK,
    ),
    Chart(
        "network",
        "Network",
        (
            Line("network_received_bytes_per_second", "Received", each="{instance} received"),
            Line("network_sent_bytes_per_second", "Sent", each="{instance} sent", down=True),
        ),
        "bit_rate",
        Kind.MIRROR,
        factor=8,
        note="Received is drawn up, sent is drawn down.",
    ),
    _percent("disk-space", "Disk space", Line("disk_percent")),
    Chart(
        "disk-throughput",
        "Disk throughput",
        (
            Line("device_read_bytes_per_second", "Read", each="{instance} read"),
            Line(
                "device_written_bytes_per_second", "Written", each="{instance} written", down=True
            ),
        ),
        "byte_rate",
        Kind.MIRROR,
        note="Read is drawn up, written is drawn down.",
    ),
    Chart("temperature", "Temperature", (Line("temperature_celsius"),), "celsius"),
    _percent("cpu-cores", "CPU by core", Line("cpu_core_percent", each="Core {instance}")),
    Chart(
        "swap",
        "Swap",
        (Line("swap_used_bytes", "Used"),),
        "memory",
        Kind.STACK,
        maximum_metric="swap_total_bytes",
    ),
    _percent("disk-busy", "Disk busy", Line("device_busy_percent", "Busy")),
    Chart(
        "disk-operations",
        "Disk operations",
        (
            Line("device_reads_per_second", "Reads", each="{instance} reads"),
            Line("device_writes_per_second", "Writes", each="{instance} writes", down=True),
        ),
        "rate",
        Kind.MIRROR,
        note="Reads are drawn up, writes are drawn down.",
    ),
    _percent("inodes", "Inodes", Line("disk_inodes_percent")),
    Chart(
        "packets",
        "Packets",
        (
            Line("network_received_packets_per_second", "Received", each="{instance} received"),
            Line("network_sent_packets_per_second", "Sent", each="{instance} sent", down=True),
        ),
        "rate",
        Kind.MIRROR,
        note="Received is drawn up, sent is drawn down.",
    ),
    Chart(
        "network-errors",
        "Network errors and drops",
        (
            Line(
                "network_received_errors_per_second", "Receive errors", "{instance} receive errors"
            ),
            Line("network_sent_errors_per_second", "Send errors", "{instance} send errors"),
            Line("network_received_drops_per_second", "Receive drops", "{instance} receive drops"),
            Line("network_sent_drops_per_second", "Send drops", "{instance} send drops"),
        ),
        "rate",
    ),
    Chart("processes", "Processes", (Line("process_count", "Processes"),), "count"),
)


def custom_chart(metric: str) -> Chart:
    """Return the chart of a metric that the catalogue does not know."""
    entry = metric_of(metric)
    return Chart(
        f"custom-{metric}", metric, (Line(metric),), _FORMATS[entry.unit], note="Custom metric."
    )


def charts_for(metrics: Iterable[str]) -> list[Chart]:
    """Return the charts that have something to show for an agent that sends `metrics`."""
    sent = set(metrics)
    known = [chart for chart in CHARTS if any(line.metric in sent for line in chart.lines)]
    custom = sorted(sent - BY_NAME.keys())[:CUSTOM_CHARTS_MAXIMUM]
    return known + [custom_chart(name) for name in custom]
