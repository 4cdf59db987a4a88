"""Block devices."""

from types import SimpleNamespace

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.devices import DeviceCollector
from tara_agent.collectors.diskstats import read_diskstats

ZERO = {"read_bytes": 0, "write_bytes": 0, "read_count": 0, "write_count": 0, "busy_time": 0}


def device(**counters):
    return SimpleNamespace(**(ZERO | counters))


class TestDeviceCollector:
    def rates(self, first, second, **options):
        readings = iter([first, second])
        collector = DeviceCollector(lambda: next(readings), **options)
        assert collector.collect(0.0) == {}
        return collector.collect(10.0)

    def test_tells_bytes_operations_and_time_busy(self):
        worked = device(
            read_bytes=1000, write_bytes=2000, read_count=30, write_count=5, busy_time=2500
        )

        assert self.rates({"sda": device()}, {"sda": worked}) == {
            "device_read_bytes_per_second": {"sda": 100},
            "device_written_bytes_per_second": {"sda": 200},
            "device_reads_per_second": {"sda": 3},
            "device_writes_per_second": {"sda": 0.5},
            "device_busy_percent": {"sda": 25},
        }

    def test_leaves_busy_out_where_the_system_does_not_count_it(self):
        plain = SimpleNamespace(read_bytes=0, write_bytes=0, read_count=0, write_count=0)

        assert "device_busy_percent" not in self.rates({"disk0": plain}, {"disk0": plain})

    @pytest.mark.parametrize("name", ["loop0", "ram12", "zram0", "fd0"])
    def test_leaves_out_what_is_no_disk(self, name):
        assert self.rates({name: device()}, {name: device()}) == {}

    def test_leaves_out_partitions(self, tmp_path):
        for name in ("nvme0n1", "cciss!c0d0"):
            (tmp_path / "block" / name).mkdir(parents=True)
        devices = {
            name: device() for name in ("nvme0n1", "nvme0n1p1", "cciss/c0d0", "cciss/c0d0p1")
        }
        collector = DeviceCollector.for_linux(tmp_path)
        collector._read = lambda: devices
        collector.collect(0.0)

        values = collector.collect(10.0)

        assert values["device_busy_percent"].keys() == {"nvme0n1", "cciss/c0d0"}

    def test_takes_every_device_where_sys_tells_nothing(self, tmp_path):
        collector = DeviceCollector.for_linux(tmp_path)
        collector._read = lambda: {"sda": device()}
        collector.collect(0.0)

        assert collector.collect(10.0)["device_busy_percent"] == {"sda": 0}

    def test_reads_diskstats(self, put, tmp_path):
        lines = (
            "   7  0 loop0 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n 8 0 sda {0} 0 {1} 0 {2} 0 {3} 0 0 {4} 0\n"
        )
        (tmp_path / "block/sda").mkdir(parents=True)
        put("diskstats", lines.format(0, 0, 0, 0, 0))
        collector = DeviceCollector.for_linux(tmp_path, tmp_path)
        collector.collect(0.0)
        put("diskstats", lines.format(30, 10, 50, 20, 2500))

        assert collector.collect(10.0) == {
            "device_read_bytes_per_second": {"sda": 512},
            "device_written_bytes_per_second": {"sda": 1024},
            "device_reads_per_second": {"sda": 3},
            "device_writes_per_second": {"sda": 5},
            "device_busy_percent": {"sda": 25},
        }

    def test_agrees_with_psutil(self):
        theirs, by_diskstats = by_psutil.device_counters(), read_diskstats("/proc/diskstats")

        assert by_diskstats.keys() >= theirs.keys()
        for name, counters in theirs.items():
            assert by_diskstats[name].read_bytes == pytest.approx(counters.read_bytes, rel=0.1)
            assert by_diskstats[name].busy_time == pytest.approx(counters.busy_time, rel=0.1)
