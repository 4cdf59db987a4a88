"""The agent's names beside the server's catalogue."""

import pytest

from metrics import catalog
from tara_agent.catalogue import DECIMALS, rounded


class TestDecimals:
    def test_are_those_of_the_servers_catalogue(self):
        assert {metric.name: metric.decimals for metric in catalog.METRICS} == DECIMALS


class TestRounded:
    @pytest.mark.parametrize(
        ("metric", "value", "sent"),
        [
            ("cpu_percent", 12.3456, 12.3),
            ("cpu_percent", 100.4, 100.0),
            ("device_busy_percent", -0.2, 0.0),
            ("load_1m", 0.126, 0.13),
            ("disk_total_bytes", 270553174016, 270553174016),
            ("network_sent_bytes_per_second", 1234.7, 1235),
        ],
    )
    def test_has_the_catalogues_precision(self, metric, value, sent):
        assert rounded(metric, value) == sent

    def test_keeps_counts_whole(self):
        assert type(rounded("uptime_seconds", 12.9)) is int
