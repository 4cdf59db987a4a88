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
    "cpu_frequency_hertz": 0,
    "cpu_context_switches_per_second": 1,
    "cpu_interrupts_per_second": 1,
    "load_1m": 2,
    "load_5m": 2,
    "load_15m": 2,
    "pressure_cpu_percent": 1,
    "pressure_memory_percent": 1,
    "pressure_memory_full_percent": 1,
    "pressure_io_percent": 1,
    "pressure_io_full_percent": 1,
    "memory_percent": 1,
    "memory_total_bytes": 0,
    "memory_used_bytes": 0,
    "memory_available_bytes": 0,
    "memory_cached_bytes": 0,
    "memory_buffers_bytes": 0,
    "memory_free_bytes": 0,
    "memory_anonymous_bytes": 0,
    "memory_shared_bytes": 0,
    "memory_slab_bytes": 0,
    "memory_page_tables_bytes": 0,
    "memory_dirty_bytes": 0,
    "memory_writeback_bytes": 0,
    "memory_committed_bytes": 0,
    "memory_major_faults_per_second": 1,
    "memory_oom_kills_per_second": 3,
    "swap_percent": 1,
    "swap_total_bytes": 0,
    "swap_used_bytes": 0,
    "swap_in_bytes_per_second": 0,
    "swap_out_bytes_per_second": 0,
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
    "network_tcp_socket_count": 0,
    "network_udp_socket_count": 0,
    "network_tcp_retransmits_per_second": 1,
    "temperature_celsius": 1,
    "fan_speed_rpm": 0,
    "battery_percent": 1,
    "battery_on_mains": 0,
    "uptime_seconds": 0,
    "process_count": 0,
    "process_blocked_count": 0,
    "process_starts_per_second": 1,
    "system_file_handle_count": 0,
    "system_file_handle_percent": 1,
    "system_user_session_count": 0,
    "system_reboot_pending": 0,
    "system_failed_unit_count": 0,
    "system_failed_unit": 0,
    "container_cpu_percent": 1,
    "container_memory_bytes": 0,
    "gpu_percent": 1,
    "gpu_memory_total_bytes": 0,
    "gpu_memory_used_bytes": 0,
    "gpu_temperature_celsius": 1,
    "gpu_power_watts": 1,
}


def rounded(metric: str, value: float) -> float | int:
    """Return `value` at the metric's precision: percentages within 0..100, counts as int.

    A metric that is not ours keeps its value as it is.
    """
    if metric not in DECIMALS:
        return value
    if metric.endswith("_percent"):
        value = min(100.0, max(0.0, value))
    decimals = DECIMALS[metric]
    return round(value, decimals) if decimals else round(value)
