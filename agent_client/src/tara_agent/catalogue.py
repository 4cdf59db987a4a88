"""The names this agent sends and the decimals of each, as the server's catalogue has them.

The agent imports nothing of the server, so the names stand here once more; a test holds the two
together.
"""

from typing import Final

DECIMALS: Final[dict[str, int]] = {
    "cpu_percent": 1,
    "cpu_user_percent": 1,
    "cpu_nice_percent": 1,
    "cpu_system_percent": 1,
    "cpu_iowait_percent": 1,
    "cpu_irq_percent": 1,
    "cpu_steal_percent": 1,
    "cpu_core_percent": 1,
    "load_1m": 2,
    "load_5m": 2,
    "load_15m": 2,
    "memory_percent": 1,
    "memory_total_bytes": 0,
    "memory_used_bytes": 0,
    "memory_available_bytes": 0,
    "memory_cached_bytes": 0,
    "memory_buffers_bytes": 0,
    "swap_percent": 1,
    "swap_total_bytes": 0,
    "swap_used_bytes": 0,
    "disk_percent": 1,
    "disk_total_bytes": 0,
    "disk_used_bytes": 0,
    "disk_free_bytes": 0,
    "disk_inodes_percent": 1,
    "disk_inodes_total": 0,
    "disk_inodes_used": 0,
    "device_read_bytes_per_second": 0,
    "device_written_bytes_per_second": 0,
    "device_reads_per_second": 1,
    "device_writes_per_second": 1,
    "device_busy_percent": 1,
    "network_received_bytes_per_second": 0,
    "network_sent_bytes_per_second": 0,
    "network_received_packets_per_second": 1,
    "network_sent_packets_per_second": 1,
    "network_received_errors_per_second": 1,
    "network_sent_errors_per_second": 1,
    "network_received_drops_per_second": 1,
    "network_sent_drops_per_second": 1,
    "temperature_celsius": 1,
    "uptime_seconds": 0,
    "process_count": 0,
}


def rounded(metric: str, value: float) -> float | int:
    """Return `value` at the metric's precision: percentages within 0..100, counts as int."""
    if metric.endswith("_percent"):
        value = min(100.0, max(0.0, value))
    decimals = DECIMALS[metric]
    return round(value, decimals) if decimals else round(value)
