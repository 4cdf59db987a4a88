"""What the agent is measured beside: the shortest loop with psutil and requests that does its work.

It keeps nothing, tries nothing again, walks no processes, measures no containers or pressure, and
lets a dead mount hang it. Called by benchmarks.agent_cost with an address and an interval:

    python -m benchmarks.bare_loop http://localhost:8080 10
"""

from __future__ import annotations

import sys
import time
from typing import Any

import psutil
import requests


def values() -> dict[str, Any]:
    """Return what psutil gives of what the agent measures."""
    disks = psutil.disk_io_counters(perdisk=True) or {}
    interfaces = psutil.net_io_counters(pernic=True)
    mounts = {part.mountpoint for part in psutil.disk_partitions()}
    temperatures = psutil.sensors_temperatures()
    return {
        "cpu": psutil.cpu_percent(percpu=True),
        "cpu_modes": psutil.cpu_times_percent()._asdict(),
        "cpu_stats": psutil.cpu_stats()._asdict(),
        "load": psutil.getloadavg(),
        "memory": psutil.virtual_memory()._asdict(),
        "swap": psutil.swap_memory()._asdict(),
        "uptime": time.time() - psutil.boot_time(),
        "processes": len(psutil.pids()),
        "mounts": {mount: psutil.disk_usage(mount)._asdict() for mount in mounts},
        "disks": {name: counters._asdict() for name, counters in disks.items()},
        "interfaces": {name: counters._asdict() for name, counters in interfaces.items()},
        "temperatures": {chip: len(found) for chip, found in temperatures.items()},
    }


def main() -> None:
    """Measure and send until ended."""
    url, interval_seconds = sys.argv[1], int(sys.argv[2])
    session = requests.Session()
    while True:
        body = {"version": 1, "samples": [{"time": time.time(), "values": values()}]}
        session.post(url + "/api/v1/ingest/", json=body, timeout=10)
        time.sleep(interval_seconds)


if __name__ == "__main__":
    main()
