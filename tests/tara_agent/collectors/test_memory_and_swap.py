"""Memory and swap."""

from types import SimpleNamespace

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.meminfo import MeminfoCollector
from tara_agent.collectors.memory import MemoryCollector
from tara_agent.collectors.swap import SwapCollector

MEMINFO = """\
MemTotal:           1000 kB
MemFree:             100 kB
MemAvailable:        600 kB
Buffers:              20 kB
Cached:              300 kB
SwapCached:            7 kB
SwapTotal:   {total} kB
SwapFree:    {free} kB
Dirty:                 1 kB
Writeback:             2 kB
AnonPages:            30 kB
Shmem:                 4 kB
Slab:                 50 kB
SReclaimable:         40 kB
PageTables:            6 kB
Committed_AS:       2000 kB
HugePages_Total:       0
"""


@pytest.fixture
def measure(put, tmp_path):
    def measure(*, total=0, free=0):
        put("meminfo", MEMINFO.format(total=total, free=free))
        return MeminfoCollector(tmp_path).collect(0.0)

    return measure


class TestMemoryCollector:
    def test_calls_used_what_is_not_available(self):
        memory = SimpleNamespace(total=1000, available=600, used=1, cached=300, buffers=20)

        assert MemoryCollector(lambda: memory).collect(0.0) == {
            "memory_percent": 40,
            "memory_total_bytes": 1000,
            "memory_used_bytes": 400,
            "memory_available_bytes": 600,
            "memory_cached_bytes": 300,
            "memory_buffers_bytes": 20,
        }

    def test_leaves_out_kinds_that_the_system_has_not(self):
        values = MemoryCollector(lambda: SimpleNamespace(total=2, available=1)).collect(0.0)

        assert "memory_cached_bytes" not in values
        assert "memory_buffers_bytes" not in values


class TestMeminfoCollector:
    def test_tells_memory_by_kind(self, measure):
        memory = {name: value for name, value in measure().items() if name.startswith("memory")}

        assert memory.pop("memory_percent") == 40
        assert {name: value / 1024 for name, value in memory.items()} == {
            "memory_total_bytes": 1000,
            "memory_used_bytes": 400,
            "memory_available_bytes": 600,
            "memory_free_bytes": 100,
            "memory_cached_bytes": 340,
            "memory_buffers_bytes": 20,
            "memory_anonymous_bytes": 30,
            "memory_shared_bytes": 4,
            "memory_slab_bytes": 50,
            "memory_page_tables_bytes": 6,
            "memory_dirty_bytes": 1,
            "memory_writeback_bytes": 2,
            "memory_committed_bytes": 2000,
        }

    def test_tells_swap(self, measure):
        values = measure(total=1000, free=750)

        assert values["swap_total_bytes"] == 1_024_000
        assert values["swap_used_bytes"] == 256_000
        assert values["swap_percent"] == 25

    def test_has_no_percentage_of_no_swap(self, measure):
        assert "swap_percent" not in measure()

    def test_agrees_with_psutil(self):
        collectors = [MemoryCollector(by_psutil.memory), SwapCollector(by_psutil.swap)]
        theirs = collectors[0].collect(0.0) | collectors[1].collect(0.0)

        by_meminfo = MeminfoCollector().collect(0.0)

        assert by_meminfo.keys() >= theirs.keys()
        for metric in ("memory_total_bytes", "swap_total_bytes"):
            assert by_meminfo[metric] == theirs[metric]
        for metric in ("memory_used_bytes", "memory_cached_bytes", "memory_buffers_bytes"):
            assert by_meminfo[metric] == pytest.approx(theirs[metric], rel=0.2)


class TestSwapCollector:
    def test_tells_swap(self):
        assert SwapCollector(lambda: (1000, 250)).collect(0.0) == {
            "swap_total_bytes": 1000,
            "swap_used_bytes": 250,
            "swap_percent": 25,
        }

    def test_has_no_percentage_of_no_swap(self):
        assert "swap_percent" not in SwapCollector(lambda: (0, 0)).collect(0.0)
