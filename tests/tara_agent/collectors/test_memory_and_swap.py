"""Memory and swap."""

from types import SimpleNamespace

from tara_agent.collectors.memory import MemoryCollector
from tara_agent.collectors.swap import SwapCollector

MEMINFO = "MemTotal: 1000 kB\nSwapCached: 7 kB\nSwapTotal: {total} kB\nSwapFree: {free} kB\n"


def swap_of(tmp_path, *, total, free):
    (tmp_path / "meminfo").write_text(MEMINFO.format(total=total, free=free))
    return SwapCollector.for_linux(tmp_path).collect(0.0)


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


class TestSwapCollector:
    def test_reads_meminfo(self, tmp_path):
        assert swap_of(tmp_path, total=1000, free=750) == {
            "swap_total_bytes": 1_024_000,
            "swap_used_bytes": 256_000,
            "swap_percent": 25,
        }

    def test_has_no_percentage_of_no_swap(self, tmp_path):
        assert swap_of(tmp_path, total=0, free=0) == {
            "swap_total_bytes": 0,
            "swap_used_bytes": 0,
        }

    def test_agrees_with_psutil(self):
        by_psutil = SwapCollector().collect(0.0)

        by_meminfo = SwapCollector.for_linux().collect(0.0)

        assert by_meminfo["swap_total_bytes"] == by_psutil["swap_total_bytes"]
