"""Load, uptime and processes."""

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.load import LoadCollector
from tara_agent.collectors.system import ProcessCountCollector, UptimeCollector, count_pids


class TestLoadCollector:
    def test_has_three_means(self):
        assert LoadCollector(lambda: (1.0, 2.0, 3.0)).collect(0.0) == {
            "load_1m": 1.0,
            "load_5m": 2.0,
            "load_15m": 3.0,
        }


class TestSystem:
    def test_counts_processes(self):
        assert (
            abs(
                ProcessCountCollector(count_pids).collect(0.0)["process_count"]
                - by_psutil.process_count()
            )
            < 20
        )

    def test_tells_the_same_uptime_either_way(self):
        by_wall_clock = UptimeCollector(by_psutil.uptime).collect(0.0)["uptime_seconds"]

        by_boot_clock = UptimeCollector.for_linux().collect(0.0)["uptime_seconds"]

        assert by_boot_clock == pytest.approx(by_wall_clock, abs=3)
