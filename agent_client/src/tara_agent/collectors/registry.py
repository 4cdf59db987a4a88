"""The collectors that run on this machine."""

import os
import sys
from pathlib import Path
from typing import Final

from tara_agent.collectors.battery import BatteryCollector
from tara_agent.collectors.containers import ContainerCollector
from tara_agent.collectors.cpu import CpuCollector
from tara_agent.collectors.devices import DeviceCollector
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
from tara_agent.collectors.system import (
    ProcessCountCollector,
    UptimeCollector,
    count_pids,
)
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
    if platform == "linux":
        return ProcessWatch.for_linux()
    from tara_agent.collectors import by_psutil  # noqa: PLC0415

    return ProcessWatch(by_psutil.walk)


def _on_linux(options: Options) -> list[Collector | None]:
    containers = ContainerCollector.where_there_are_groups()
    return [
        CpuCollector.for_linux(),
        LoadCollector(os.getloadavg),
        PressureCollector(),
        MeminfoCollector(),
        PagingCollector(),
        UptimeCollector.for_linux(),
        Paced(ProcessCountCollector(count_pids), _HALF_A_MINUTE),
        HandleCollector(),
        SocketCollector(),
        Paced(FrequencyCollector.for_linux(), _A_MINUTE),
        TemperatureCollector.for_linux(),
        FanCollector.for_linux(),
        Paced(BatteryCollector.for_linux(), _A_MINUTE),
        Paced(UserCollector.for_linux(), _A_MINUTE),
        Paced(RebootCollector(), _FIVE_MINUTES),
        _failed_units(),
        DeviceCollector.for_linux(choice=options.devices),
        InterfaceCollector.for_linux(choice=options.interfaces),
        MountCollector.for_linux(choice=options.mounts),
        Paced(containers, _TEN_SECONDS) if containers else None,
    ]


def _failed_units(run: Path = Path("/run")) -> Collector | None:
    """Return the collector that asks systemd, where it is what started the machine."""
    if not (run / "systemd/system").is_dir():
        return None
    from tara_agent.collectors.failed_units import FailedUnitCollector  # noqa: PLC0415

    return FailedUnitCollector.where_installed()


def _elsewhere(options: Options) -> list[Collector | None]:
    from tara_agent.collectors import by_psutil  # noqa: PLC0415

    return [
        CpuCollector(by_psutil.core_times, by_psutil.activity),
        LoadCollector(by_psutil.load),
        MemoryCollector(by_psutil.memory),
        SwapCollector(by_psutil.swap),
        UptimeCollector(by_psutil.uptime),
        Paced(ProcessCountCollector(by_psutil.process_count), _HALF_A_MINUTE),
        Paced(FrequencyCollector(by_psutil.frequencies), _A_MINUTE),
        TemperatureCollector(by_psutil.temperatures),
        FanCollector(by_psutil.fans),
        Paced(BatteryCollector(by_psutil.power), _A_MINUTE),
        Paced(UserCollector(by_psutil.user_sessions), _A_MINUTE),
        DeviceCollector(by_psutil.device_counters, choice=options.devices),
        InterfaceCollector(by_psutil.interface_counters, choice=options.interfaces),
        MountCollector(lambda: by_psutil.mounts(options.mounts), by_psutil.usage),
    ]


def _optional(options: Options) -> list[Collector | None]:
    folder = options.textfile_path
    return [GpuCollector.where_installed(), TextfileCollector(folder) if folder else None]
