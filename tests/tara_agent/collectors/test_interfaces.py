"""Network interfaces."""

from types import SimpleNamespace

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.interfaces import InterfaceCollector
from tara_agent.collectors.net_dev import read_net_dev

FIELDS = [
    "bytes_recv",
    "bytes_sent",
    "packets_recv",
    "packets_sent",
    "errin",
    "errout",
    "dropin",
    "dropout",
]


def interface(*counters):
    return SimpleNamespace(**dict(zip(FIELDS, counters or [0] * 8, strict=True)))


def rates(first, second):
    readings = iter([first, second])
    collector = InterfaceCollector(lambda: next(readings))
    assert collector.collect(0.0) == {}
    return collector.collect(10.0)


class TestInterfaceCollector:
    def test_tells_each_counters_rate(self):
        values = rates({"eth0": interface()}, {"eth0": interface(10, 20, 30, 40, 50, 60, 70, 80)})

        assert values == {
            "network_received_bytes_per_second": {"eth0": 1},
            "network_sent_bytes_per_second": {"eth0": 2},
            "network_received_packets_per_second": {"eth0": 3},
            "network_sent_packets_per_second": {"eth0": 4},
            "network_received_errors_per_second": {"eth0": 5},
            "network_sent_errors_per_second": {"eth0": 6},
            "network_received_drops_per_second": {"eth0": 7},
            "network_sent_drops_per_second": {"eth0": 8},
        }

    def test_leaves_out_loopback_and_what_containers_come_with(self):
        names = ["lo", "docker0", "veth12ab", "br-0a1b2c", "ifb0", "dummy0", "br0", "wlan0"]
        reading = {name: interface() for name in names}

        values = rates(reading, reading)

        assert values["network_sent_bytes_per_second"].keys() == {"br0", "wlan0"}

    def test_a_reset_counter_gives_no_giant(self):
        after = {"eth0": interface(), "eth1": interface()}

        values = rates({"eth0": interface(*[2**32] * 8), "eth1": interface()}, after)

        assert values["network_sent_bytes_per_second"] == {"eth1": 0}


NET_DEV = """\
Inter-|   Receive                            |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls
  eth0: {received} 30 5 7 0 0 0 0 20 40 6 8 0 0 0 0
eth0:1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
    lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0
"""


class TestOfLinux:
    def test_reads_net_dev(self, put, tmp_path):
        put("net/dev", NET_DEV.format(received=1000))
        collector = InterfaceCollector.for_linux(tmp_path)
        assert collector.collect(0.0) == {}
        put("net/dev", NET_DEV.format(received=6000))

        values = collector.collect(10.0)

        assert values["network_received_bytes_per_second"] == {"eth0": 500, "eth0:1": 0}

    def test_agrees_with_psutil(self):
        theirs, by_net_dev = by_psutil.interface_counters(), read_net_dev("/proc/net/dev")

        assert by_net_dev.keys() == theirs.keys()
        for name, counters in by_net_dev.items():
            for field in FIELDS:
                told = getattr(theirs[name], field)
                assert getattr(counters, field) == pytest.approx(told, rel=0.1, abs=10_000_000)
