"""Load, uptime and processes."""

import psutil
import pytest

from tara_agent.collectors.load import LoadCollector
from tara_agent.collectors.system import ProcessCountCollector, UptimeCollector


class TestLoadCollector:
    def test_has_three_means(self):
        assert LoadCollector(lambda: (1.0, 2.0, 3.0)).collect(0.0) == {
            "load_1m": 1.0,
            "load_5m": 2.0,
            "load_15m": 3.0,
        }


class TestSystem:
    def test_counts_processes(self):
        assert abs(ProcessCountCollector().collect(0.0)["process_count"] - len(psutil.pids())) < 20

    def test_tells_the_same_uptime_either_way(self):
        by_wall_clock = UptimeCollector().collect(0.0)["uptime_seconds"]

        by_boot_clock = UptimeCollector.for_linux().collect(0.0)["uptime_seconds"]

        assert by_boot_clock == pytest.approx(by_wall_clock, abs=3)
