"""The collectors that run on this machine."""

import sys
from typing import Final

from tara_agent.collectors.battery import BatteryCollector
from tara_agent.collectors.containers import ContainerCollector
from tara_agent.collectors.cpu import CpuCollector
from tara_agent.collectors.devices import DeviceCollector
from tara_agent.collectors.failed_units import FailedUnitCollector
from tara_agent.collectors.fans import FanCollector
from tara_agent.collectors.frequency import FrequencyCollector
from tara_agent.collectors.gpus import GpuCollector
from tara_agent.collectors.handles import HandleCollector
from tara_agent.collectors.interfaces import InterfaceCollector
from tara_agent.collectors.load import LoadCollector
from tara_agent.collectors.meminfo import MeminfoCollector
from tara_agent.collectors.memory import MemoryCollector
from tara_agent.collectors.mounts import MountCollector
from tara_agent.collectors.options import DEFAULTS, Options
from tara_agent.collectors.paced import Paced
from tara_agent.collectors.paging import PagingCollector
from tara_agent.collectors.pressure import PressureCollector
from tara_agent.collectors.processes import ProcessWatch
from tara_agent.collectors.protocol import Collector
from tara_agent.collectors.reboot import RebootCollector
from tara_agent.collectors.sockets import SocketCollector
from tara_agent.collectors.swap import SwapCollector
from tara_agent.collectors.system import ProcessCountCollector, UptimeCollector
from tara_agent.collectors.temperatures import TemperatureCollector
from tara_agent.collectors.textfiles import TextfileCollector
from tara_agent.collectors.users import UserCollector

_HALF_A_MINUTE: Final = 30.0
_A_MINUTE: Final = 60.0
_FIVE_MINUTES: Final = 300.0
_TEN_SECONDS: Final = 10.0


def default_collectors(
    options: Options = DEFAULTS, *, platform: str = sys.platform
) -> list[Collector]:
    """Return a collector for each family. Those that anybody may fill, with names, come last."""
    of_the_machine = _on_linux(options) if platform == "linux" else _elsewhere(options)
    wanted = [*of_the_machine, *_optional(options)]
    return [collector for collector in wanted if collector and collector.name not in options.off]


def default_watch(
    options: Options = DEFAULTS, *, platform: str = sys.platform
) -> ProcessWatch | None:
    """Return what looks at the processes."""
    if ProcessWatch.name in options.off:
        return None
    return ProcessWatch.for_linux() if platform == "linux" else ProcessWatch()


def _on_linux(options: Options) -> list[Collector | None]:
    containers = ContainerCollector.where_there_are_groups()
    return [
        CpuCollector.for_linux(),
        LoadCollector(),
        PressureCollector(),
        MeminfoCollector(),
        PagingCollector(),
        UptimeCollector.for_linux(),
        Paced(ProcessCountCollector(), _HALF_A_MINUTE),
        HandleCollector(),
        SocketCollector(),
        Paced(FrequencyCollector.for_linux(), _A_MINUTE),
        TemperatureCollector.for_linux(),
        FanCollector.for_linux(),
        Paced(BatteryCollector.for_linux(), _A_MINUTE),
        Paced(UserCollector.for_linux(), _A_MINUTE),
        Paced(RebootCollector(), _FIVE_MINUTES),
        FailedUnitCollector.where_systemd_runs(),
        DeviceCollector.for_linux(choice=options.devices),
        InterfaceCollector.for_linux(choice=options.interfaces),
        MountCollector.for_linux(choice=options.mounts),
        Paced(containers, _TEN_SECONDS) if containers else None,
    ]


def _elsewhere(options: Options) -> list[Collector | None]:
    return [
        CpuCollector(),
        LoadCollector(),
        MemoryCollector(),
        SwapCollector(),
        UptimeCollector(),
        Paced(ProcessCountCollector(), _HALF_A_MINUTE),
        Paced(FrequencyCollector(), _A_MINUTE),
        TemperatureCollector(),
        FanCollector(),
        Paced(BatteryCollector(), _A_MINUTE),
        Paced(UserCollector(), _A_MINUTE),
        DeviceCollector(choice=options.devices),
        InterfaceCollector(choice=options.interfaces),
        MountCollector.by_psutil(choice=options.mounts),
    ]


def _optional(options: Options) -> list[Collector | None]:
    folder = options.textfile_path
    return [GpuCollector.where_installed(), TextfileCollector(folder) if folder else None]
