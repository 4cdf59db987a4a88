"""GPUs, by a module that answers as pynvml does."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from tara_agent.collectors.gpus import GpuCollector


class NVMLError(Exception):
    """What pynvml raises, whatever is wrong."""


def raises(*_):
    raise NVMLError("Not Supported")


@pytest.fixture
def nvml(monkeypatch):
    """Put a module pynvml of two GPUs where imports find it."""
    module = ModuleType("pynvml")
    module.NVMLError = NVMLError
    module.nvmlInit = lambda: None
    module.nvmlDeviceGetCount = lambda: 2
    module.nvmlDeviceGetHandleByIndex = lambda place: place
    module.nvmlDeviceGetName = lambda gpu: [b"Tesla T4", "NVIDIA A2"][gpu]
    module.nvmlDeviceGetUtilizationRates = lambda gpu: SimpleNamespace(gpu=40 + gpu, memory=1)
    module.nvmlDeviceGetMemoryInfo = lambda gpu: SimpleNamespace(total=100, used=30, free=70)
    module.nvmlDeviceGetTemperature = lambda gpu, sensor: 65 + sensor
    module.nvmlDeviceGetPowerUsage = lambda gpu: 33_500
    monkeypatch.setitem(sys.modules, "pynvml", module)
    return module


class TestGpuCollector:
    def test_tells_load_memory_temperature_and_power(self, nvml):
        values = GpuCollector.where_installed(driver=None).collect(0.0)

        assert values == {
            "gpu_percent": {"0 Tesla T4": 40, "1 NVIDIA A2": 41},
            "gpu_memory_total_bytes": {"0 Tesla T4": 100, "1 NVIDIA A2": 100},
            "gpu_memory_used_bytes": {"0 Tesla T4": 30, "1 NVIDIA A2": 30},
            "gpu_temperature_celsius": {"0 Tesla T4": 65, "1 NVIDIA A2": 65},
            "gpu_power_watts": {"0 Tesla T4": 33.5, "1 NVIDIA A2": 33.5},
        }

    def test_leaves_out_what_a_gpu_does_not_tell(self, nvml):
        nvml.nvmlDeviceGetPowerUsage = raises

        values = GpuCollector.where_installed(driver=None).collect(0.0)

        assert "gpu_power_watts" not in values
        assert values["gpu_percent"]

    def test_is_not_there_where_the_driver_does_not_answer(self, nvml):
        nvml.nvmlInit = raises

        assert GpuCollector.where_installed(driver=None) is None

    def test_is_not_loaded_without_a_driver(self, nvml, tmp_path):
        assert GpuCollector.where_installed(tmp_path / "nvidia") is None

    def test_is_not_there_without_the_library(self):
        assert GpuCollector.where_installed(driver=None) is None
