"""Pressure, paging, sockets, open files, clocks: what the kernel counts in files of its own."""

import pytest

from tara_agent.collectors.frequency import FrequencyCollector
from tara_agent.collectors.handles import HandleCollector
from tara_agent.collectors.paging import PagingCollector
from tara_agent.collectors.pressure import PressureCollector
from tara_agent.collectors.sockets import SocketCollector

PSI = "some avg10=1.00 avg60=1.00 avg300=1.00 total={some}\nfull avg10=0.00 total={full}\n"


class TestPressure:
    def test_is_the_share_of_the_time_since_the_last_call(self, put, tmp_path):
        for resource in ("cpu", "memory", "io"):
            put(f"pressure/{resource}", PSI.format(some=0, full=0))
        collector = PressureCollector(tmp_path)
        assert collector.collect(0.0) == {}
        put("pressure/cpu", PSI.format(some=5_000_000, full=0))
        put("pressure/io", PSI.format(some=2_000_000, full=1_000_000))

        assert collector.collect(10.0) == pytest.approx(
            {
                "pressure_cpu_percent": 50,
                "pressure_memory_percent": 0,
                "pressure_memory_full_percent": 0,
                "pressure_io_percent": 20,
                "pressure_io_full_percent": 10,
            }
        )

    def test_is_not_told_where_the_kernel_does_not_measure_it(self, tmp_path):
        assert PressureCollector(tmp_path).collect(0.0) == {}


class TestPaging:
    def test_counts_pages_as_bytes(self, put, tmp_path):
        put("vmstat", "pswpin 0\npswpout 0\npgmajfault 0\noom_kill 0\n")
        collector = PagingCollector(tmp_path)
        collector._page_bytes = 4096
        assert collector.collect(0.0) == {}
        put("vmstat", "pswpin 10\npswpout 20\npgmajfault 30\noom_kill 1\n")

        assert collector.collect(10.0) == {
            "swap_in_bytes_per_second": 4096,
            "swap_out_bytes_per_second": 8192,
            "memory_major_faults_per_second": 3,
            "memory_oom_kills_per_second": 0.1,
        }

    def test_takes_no_name_for_another_that_begins_alike(self, put, tmp_path):
        put("vmstat", "pswpin_huge 7\npswpin 0\n")
        collector = PagingCollector(tmp_path)
        collector.collect(0.0)

        assert collector.collect(1.0) == {"swap_in_bytes_per_second": 0}


SOCKSTAT = "sockets: used 9\nTCP: inuse 5 orphan 1 tw 40 alloc 7 mem 9\nUDP: inuse 2 mem 0\n"
SNMP = "Ip: A B\nIp: 1 2\nTcp: CurrEstab RetransSegs\nTcp: 4 {retransmits}\n"


class TestSockets:
    def test_are_counted_by_state(self, put, tmp_path):
        put("net/sockstat", SOCKSTAT)
        put("net/sockstat6", "TCP6: inuse 3\nUDP6: inuse 1\n")
        put("net/snmp", SNMP.format(retransmits=0))
        collector = SocketCollector(tmp_path)
        first = collector.collect(0.0)
        put("net/snmp", SNMP.format(retransmits=15))

        assert first == {
            "network_tcp_socket_count": {
                "in use": 8,
                "orphan": 1,
                "time wait": 40,
                "established": 4,
            },
            "network_udp_socket_count": 3,
        }
        assert collector.collect(10.0)["network_tcp_retransmits_per_second"] == 1.5

    def test_are_counted_without_ipv6(self, put, tmp_path):
        put("net/sockstat", SOCKSTAT)

        values = SocketCollector(tmp_path).collect(0.0)

        assert values["network_tcp_socket_count"]["in use"] == 5
        assert "network_tcp_retransmits_per_second" not in values

    def test_are_not_told_where_nobody_counts_them(self, tmp_path):
        assert SocketCollector(tmp_path).collect(0.0) == {}


class TestHandles:
    @pytest.mark.parametrize(
        ("line", "values"),
        [
            ("300\t50\t1000", {"system_file_handle_count": 250, "system_file_handle_percent": 25}),
            ("300\t0\t9223372036854775807", {"system_file_handle_count": 300}),
        ],
        ids=["limited", "any number"],
    )
    def test_are_counted(self, put, tmp_path, line, values):
        put("sys/fs/file-nr", line)

        assert HandleCollector(tmp_path).collect(0.0) == values


class TestFrequency:
    def test_is_the_mean_of_the_cores(self, put, tmp_path):
        for core, khz in enumerate((1_000_000, 3_000_000)):
            put(f"devices/system/cpu/cpufreq/policy{core}/scaling_cur_freq", f"{khz}\n")

        values = FrequencyCollector.for_linux(tmp_path, tmp_path).collect(0.0)

        assert values == {"cpu_frequency_hertz": 2e9}

    def test_asks_no_more_than_sixteen_of_many_cores(self, put, tmp_path):
        for core in range(100):
            put(f"devices/system/cpu/cpufreq/policy{core}/scaling_cur_freq", "1000000\n")
        collector = FrequencyCollector.for_linux(tmp_path, tmp_path)

        assert 8 <= len(list(collector._read())) <= 16

    def test_is_read_from_cpuinfo_on_a_virtual_machine(self, put, tmp_path):
        put("cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2400.000\nprocessor\t: 1\ncpu MHz : 2600.0\n")

        values = FrequencyCollector.for_linux(tmp_path, tmp_path).collect(0.0)

        assert values == {"cpu_frequency_hertz": 2.5e9}

    def test_is_not_told_where_nobody_knows(self, tmp_path):
        assert FrequencyCollector.for_linux(tmp_path, tmp_path).collect(0.0) == {}
