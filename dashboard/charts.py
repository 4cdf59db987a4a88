"""Every chart there is: its title, its kind and its metrics. Nothing else on the server knows any.

A chart is shown where the agent sends one of its metrics. A metric outside the catalogue gets a
chart of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from dashboard.chart import Chart, Group, Kind, Line
from metrics.catalog import BY_NAME, Unit, metric_of

CUSTOM_CHARTS_MAXIMUM: Final = 100
"""An agent that names its metrics by date must not make a page of thousands."""


def _in(group: Group, *charts: Chart) -> tuple[Chart, ...]:
    return tuple(replace(chart, group=group) for chart in charts)


def _percent(name: str, title: str, *lines: Line, kind: Kind = Kind.LINES) -> Chart:
    return Chart(name, title, lines, "percent", kind, maximum=100)


FORMATS_OF_UNITS: Final = {
    Unit.PERCENT: "percent",
    Unit.BYTES: "capacity",
    Unit.BYTES_PER_SECOND: "byte_rate",
    Unit.PER_SECOND: "rate",
    Unit.SECONDS: "duration",
    Unit.CELSIUS: "celsius",
    Unit.HERTZ: "hertz",
    Unit.RPM: "rpm",
    Unit.WATTS: "watts",
    Unit.COUNT: "count",
    Unit.NUMBER: "number",
}

CHARTS: Final[tuple[Chart, ...]] = (
    *_in(
        Group.OVERVIEW,
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
                    "device_written_bytes_per_second",
                    "Written",
                    each="{instance} written",
                    down=True,
                ),
            ),
            "byte_rate",
            Kind.MIRROR,
            note="Read is drawn up, written is drawn down.",
        ),
        Chart("temperature", "Temperature", (Line("temperature_celsius"),), "celsius"),
    ),
    *_in(
        Group.PROCESSOR,
        _percent("cpu-cores", "CPU by core", Line("cpu_core_percent", each="Core {instance}")),
        _percent(
            "pressure",
            "Pressure",
            Line("pressure_cpu_percent", "Processor"),
            Line("pressure_memory_percent", "Memory"),
            Line("pressure_io_percent", "Disk"),
            Line("pressure_memory_full_percent", "Memory, all tasks"),
            Line("pressure_io_full_percent", "Disk, all tasks"),
        ),
        Chart("cpu-frequency", "CPU frequency", (Line("cpu_frequency_hertz", "Mean"),), "hertz"),
        Chart(
            "cpu-switches",
            "Context switches and interrupts",
            (
                Line("cpu_context_switches_per_second", "Context switches"),
                Line("cpu_interrupts_per_second", "Interrupts"),
            ),
            "rate",
        ),
    ),
    *_in(
        Group.MEMORY,
        Chart(
            "swap",
            "Swap",
            (Line("swap_used_bytes", "Used"),),
            "memory",
            Kind.STACK,
            maximum_metric="swap_total_bytes",
        ),
        Chart(
            "swap-traffic",
            "Swap traffic",
            (
                Line("swap_in_bytes_per_second", "In"),
                Line("swap_out_bytes_per_second", "Out", down=True),
            ),
            "byte_rate",
            Kind.MIRROR,
            note="In is drawn up, out is drawn down.",
        ),
        Chart(
            "memory-kinds",
            "Memory by kind",
            (
                Line("memory_anonymous_bytes", "Programs"),
                Line("memory_shared_bytes", "Shared"),
                Line("memory_slab_bytes", "Kernel"),
                Line("memory_page_tables_bytes", "Page tables"),
                Line("memory_free_bytes", "Free"),
            ),
            "memory",
            maximum_metric="memory_total_bytes",
        ),
        Chart(
            "memory-writing",
            "Memory to be written",
            (
                Line("memory_dirty_bytes", "Waiting"),
                Line("memory_writeback_bytes", "Being written"),
            ),
            "memory",
        ),
        Chart(
            "memory-committed",
            "Memory promised",
            (Line("memory_committed_bytes", "Promised"),),
            "memory",
        ),
        Chart(
            "memory-faults",
            "Major faults",
            (
                Line("memory_major_faults_per_second", "Faults"),
                Line("memory_oom_kills_per_second", "Ended for want of memory"),
            ),
            "rate",
        ),
    ),
    *_in(
        Group.DISKS,
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
    ),
    *_in(
        Group.NETWORK,
        *(
            Chart(
                name,
                title,
                (
                    Line(f"network_received_{what}_per_second", "Received", "{instance} received"),
                    Line(f"network_sent_{what}_per_second", "Sent", "{instance} sent", down=True),
                ),
                "rate",
                Kind.MIRROR,
                note="Received is drawn up, sent is drawn down.",
            )
            for name, title, what in (
                ("packets", "Packets", "packets"),
                ("network-errors", "Network errors", "errors"),
                ("network-drops", "Network drops", "drops"),
            )
        ),
        Chart("tcp-sockets", "TCP sockets", (Line("network_tcp_socket_count"),), "count"),
        Chart("udp-sockets", "UDP sockets", (Line("network_udp_socket_count", "In use"),), "count"),
        Chart(
            "tcp-retransmits",
            "TCP retransmits",
            (Line("network_tcp_retransmits_per_second", "Sent again"),),
            "rate",
        ),
    ),
    *_in(
        Group.SENSORS,
        Chart("fans", "Fans", (Line("fan_speed_rpm"),), "rpm"),
        _percent("battery", "Battery", Line("battery_percent", "Charge")),
        _percent("gpu", "GPU", Line("gpu_percent", "Busy")),
        Chart("gpu-memory", "GPU memory", (Line("gpu_memory_used_bytes", "Used"),), "memory"),
        Chart("gpu-temperature", "GPU temperature", (Line("gpu_temperature_celsius"),), "celsius"),
        Chart("gpu-power", "GPU power", (Line("gpu_power_watts"),), "watts"),
    ),
    *_in(
        Group.SYSTEM,
        Chart("processes", "Processes", (Line("process_count", "Processes"),), "count"),
        Chart(
            "process-starts",
            "Process starts",
            (Line("process_starts_per_second", "Started"),),
            "rate",
            note="Processes and threads.",
        ),
        Chart("blocked", "Blocked tasks", (Line("process_blocked_count", "Waiting"),), "count"),
        Chart("file-handles", "Open files", (Line("system_file_handle_count", "Open"),), "count"),
        Chart("users", "User sessions", (Line("system_user_session_count", "Sessions"),), "count"),
        Chart(
            "failed-units", "Failed units", (Line("system_failed_unit_count", "Failed"),), "count"
        ),
    ),
    *_in(
        Group.CONTAINERS,
        _percent("container-cpu", "Container CPU", Line("container_cpu_percent")),
        Chart("container-memory", "Container memory", (Line("container_memory_bytes"),), "memory"),
    ),
)


def custom_chart(metric: str) -> Chart:
    """Return the chart of a metric that the catalogue does not know."""
    entry = metric_of(metric)
    return Chart(
        f"custom-{metric}",
        metric,
        (Line(metric),),
        FORMATS_OF_UNITS[entry.unit],
        group=Group.CUSTOM,
        note="Custom metric.",
    )


def charts_for(metrics: Iterable[str]) -> list[Chart]:
    """Return the charts that have something to show for an agent that sends `metrics`."""
    sent = set(metrics)
    known = [chart for chart in CHARTS if any(line.metric in sent for line in chart.lines)]
    custom = sorted(sent - BY_NAME.keys())[:CUSTOM_CHARTS_MAXIMUM]
    return known + [custom_chart(name) for name in custom]
