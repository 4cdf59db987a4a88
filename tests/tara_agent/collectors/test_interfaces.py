"""Network interfaces."""

from types import SimpleNamespace

from tara_agent.collectors.interfaces import InterfaceCollector

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
