"""The collectors that run on this machine."""

import sys

from tara_agent.collectors.cpu import CpuCollector
from tara_agent.collectors.devices import DeviceCollector
from tara_agent.collectors.interfaces import InterfaceCollector
from tara_agent.collectors.load import LoadCollector
from tara_agent.collectors.memory import MemoryCollector
from tara_agent.collectors.mounts import MountCollector
from tara_agent.collectors.processes import ProcessWatch
from tara_agent.collectors.protocol import Collector
from tara_agent.collectors.swap import SwapCollector
from tara_agent.collectors.system import SystemCollector
from tara_agent.collectors.temperatures import TemperatureCollector


def default_collectors(platform: str = sys.platform) -> list[Collector]:
    """Return a collector for each family. The one anybody may fill, mounts, comes last."""
    is_linux = platform == "linux"
    return [
        CpuCollector(),
        LoadCollector(),
        MemoryCollector(),
        SwapCollector.for_linux() if is_linux else SwapCollector(),
        SystemCollector.for_linux() if is_linux else SystemCollector(),
        TemperatureCollector.for_linux() if is_linux else TemperatureCollector(),
        DeviceCollector.for_linux() if is_linux else DeviceCollector(),
        InterfaceCollector(),
        MountCollector.for_linux() if is_linux else MountCollector(),
    ]


def default_watch(platform: str = sys.platform) -> ProcessWatch:
    """Return what looks at the processes."""
    return ProcessWatch.for_linux() if platform == "linux" else ProcessWatch()
