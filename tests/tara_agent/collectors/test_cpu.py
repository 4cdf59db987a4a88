"""Processor time."""

import time
from itertools import chain
from typing import NamedTuple

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.cpu import CpuCollector
from tara_agent.collectors.kernel_stat import KernelActivity


class Linux(NamedTuple):
    user: float = 0
    nice: float = 0
    system: float = 0
    idle: float = 0
    iowait: float = 0
    irq: float = 0
    softirq: float = 0
    steal: float = 0
    guest: float = 0
    guest_nice: float = 0


class Mac(NamedTuple):
    user: float
    nice: float
    system: float
    idle: float


ZERO = Linux()


def second_reading(first, second):
    """Return what a collector says of the time between two readings."""
    collector = CpuCollector(chain([first, second]).__iter__().__next__, lambda: KernelActivity(()))
    assert collector.collect(0.0) == {}
    return collector.collect(10.0)


class TestCpuCollector:
    def test_divides_the_time_by_mode(self):
        values = second_reading(
            [ZERO],
            [Linux(user=20, nice=5, system=10, idle=40, iowait=10, irq=2, softirq=3, steal=10)],
        )

        assert values == {
            "cpu_percent": 50,
            "cpu_user_percent": 20,
            "cpu_nice_percent": 5,
            "cpu_system_percent": 10,
            "cpu_iowait_percent": 10,
            "cpu_irq_percent": 5,
            "cpu_steal_percent": 10,
            "cpu_core_percent": {"0": 50},
        }

    def test_counts_a_guests_time_once(self):
        values = second_reading([ZERO], [Linux(user=50, guest=50, idle=50)])

        assert values["cpu_percent"] == 50

    def test_is_the_mean_of_the_cores(self):
        values = second_reading([ZERO, ZERO], [Linux(user=10), Linux(idle=10)])

        assert values["cpu_percent"] == 50
        assert values["cpu_core_percent"] == {"0": 100, "1": 0}

    def test_says_nothing_of_an_interval_with_a_reset(self):
        values = second_reading([Linux(user=50, idle=50), ZERO], [Linux(user=1, idle=99), ZERO])

        assert values == {}

    def test_takes_iowait_that_stepped_back_for_no_progress(self):
        values = second_reading([Linux(iowait=5)], [Linux(iowait=4, user=5, idle=5)])

        assert values["cpu_percent"] == 50
        assert values["cpu_iowait_percent"] == 0

    def test_waits_a_turn_when_a_core_comes(self):
        assert second_reading([ZERO], [Linux(user=1), Linux(user=1)]) == {}

    def test_says_nothing_where_no_time_passed(self):
        assert second_reading([ZERO], [ZERO]) == {}

    def test_leaves_out_modes_that_the_system_has_not(self):
        values = second_reading([Mac(0, 0, 0, 0)], [Mac(1, 1, 2, 4)])

        assert values["cpu_percent"] == 50
        assert "cpu_iowait_percent" not in values
        assert "cpu_steal_percent" not in values

    def test_reads_this_machine_with_psutil(self):
        collector = CpuCollector(by_psutil.core_times, by_psutil.activity)
        collector.collect(0.0)

        values = collector.collect(1.0)

        assert values["cpu_context_switches_per_second"] >= 0
        assert values.keys() <= {
            *("cpu_percent", "cpu_core_percent"),
            *(f"cpu_{mode}_percent" for mode in ("user", "nice", "system", "iowait")),
            *("cpu_irq_percent", "cpu_steal_percent"),
            *("cpu_context_switches_per_second", "cpu_interrupts_per_second"),
        }


STAT = """\
cpu  {busy} 0 0 {idle} 0 0 0 0 0 0
cpu0 {busy} 0 0 {idle} 0 0 0 0 0 0
intr {count} 9 9 9
ctxt {count}0
btime 1700000000
processes {count}00
procs_running 1
procs_blocked 3
softirq 1 2 3
"""


class TestOfLinux:
    def test_reads_all_of_it_at_once(self, put, tmp_path):
        put("stat", STAT.format(busy=100, idle=100, count=1))
        collector = CpuCollector.for_linux(tmp_path)
        assert collector.collect(0.0) == {"process_blocked_count": 3}
        put("stat", STAT.format(busy=125, idle=175, count=2))

        values = collector.collect(10.0)

        assert values["cpu_percent"] == 25
        assert values["cpu_core_percent"] == {"0": 25}
        assert values["cpu_interrupts_per_second"] == 0.1
        assert values["cpu_context_switches_per_second"] == 1
        assert values["process_starts_per_second"] == 10

    def test_agrees_with_psutil(self):
        collectors = [
            CpuCollector(by_psutil.core_times, by_psutil.activity),
            CpuCollector.for_linux(),
        ]
        for collector in collectors:
            collector.collect(0.0)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            pass

        theirs, by_stat = (collector.collect(0.3) for collector in collectors)

        assert by_stat.keys() >= theirs.keys()
        assert by_stat["cpu_percent"] == pytest.approx(theirs["cpu_percent"], abs=10)
