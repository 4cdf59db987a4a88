"""NVIDIA GPUs, through nvidia-ml-py where it is installed: `pip install tara-agent[nvidia]`."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Self

from tara_agent.collectors.protocol import Value, Values

_CORE_SENSOR: Final = 0
_DRIVER: Final = Path("/proc/driver/nvidia")


class GpuCollector:
    """Load, memory, temperature and power of each GPU."""

    name = "gpus"

    def __init__(self, nvml: Any) -> None:
        """`nvml` is the module pynvml. Raises what that raises where there is no driver."""
        self._nvml = nvml
        nvml.nvmlInit()
        self._gpus = {f"{place} {_name_of(nvml, gpu)}": gpu for place, gpu in _gpus(nvml)}

    @classmethod
    def where_installed(cls, driver: Path | None = _DRIVER) -> Self | None:
        """Return a collector; None without the library, a driver or a GPU."""
        if driver and not driver.exists():
            return None
        try:
            import pynvml  # noqa: PLC0415  (where there is no GPU it costs nothing)
        except ImportError:
            return None
        try:
            return cls(pynvml)
        except pynvml.NVMLError:
            return None

    def collect(self, now: float) -> Values:  # noqa: ARG002
        """Return the figures; one that a GPU does not tell is left out."""
        nvml = self._nvml
        return {
            **self._each("gpu_percent", lambda gpu: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu),
            **self._each("gpu_memory_total_bytes", lambda g: nvml.nvmlDeviceGetMemoryInfo(g).total),
            **self._each("gpu_memory_used_bytes", lambda g: nvml.nvmlDeviceGetMemoryInfo(g).used),
            **self._each(
                "gpu_temperature_celsius",
                lambda gpu: nvml.nvmlDeviceGetTemperature(gpu, _CORE_SENSOR),
            ),
            **self._each("gpu_power_watts", lambda gpu: nvml.nvmlDeviceGetPowerUsage(gpu) / 1000),
        }

    def _each(self, metric: str, ask: Callable[[Any], float]) -> dict[str, Value]:
        values: dict[str, float] = {}
        for name, gpu in self._gpus.items():
            try:
                values[name] = ask(gpu)
            except self._nvml.NVMLError:
                continue
        return {metric: values} if values else {}


def _gpus(nvml: Any) -> Iterable[tuple[int, Any]]:
    return (
        (place, nvml.nvmlDeviceGetHandleByIndex(place))
        for place in range(nvml.nvmlDeviceGetCount())
    )


def _name_of(nvml: Any, gpu: Any) -> str:
    name = nvml.nvmlDeviceGetName(gpu)
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
