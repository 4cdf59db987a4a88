"""Which collectors run, and what they find where the files of Linux are not."""

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tara_agent.catalogue import DECIMALS
from tara_agent.collectors import registry
from tara_agent.collectors.choice import Choice
from tara_agent.collectors.cpu import CpuCollector
from tara_agent.collectors.devices import DeviceCollector
from tara_agent.collectors.failed_units import COMMAND
from tara_agent.collectors.fans import FanCollector
from tara_agent.collectors.frequency import FrequencyCollector
from tara_agent.collectors.handles import HandleCollector
from tara_agent.collectors.interfaces import InterfaceCollector
from tara_agent.collectors.meminfo import MeminfoCollector
from tara_agent.collectors.mount_table import parse_mountinfo
from tara_agent.collectors.mounts import MountCollector
from tara_agent.collectors.options import COLLECTORS, Options
from tara_agent.collectors.paced import Paced
from tara_agent.collectors.paging import PagingCollector
from tara_agent.collectors.processes import ProcessWatch
from tara_agent.collectors.registry import default_collectors, default_watch
from tara_agent.samples import Sampler

EVERYWHERE = {
    *("cpu_percent", "load_1m", "memory_percent", "swap_total_bytes", "uptime_seconds"),
    *("process_count", "network_sent_bytes_per_second", "disk_percent"),
    "cpu_context_switches_per_second",
}


class Counting:
    name = "counting"

    def __init__(self):
        self.calls = 0

    def collect(self, now):
        self.calls += 1
        return {"load_1m": self.calls}


class TestDefaultCollectors:
    @pytest.mark.parametrize("platform", ["linux", "win32", "darwin", "freebsd14"])
    def test_measure_what_every_system_has(self, platform, caplog):
        sampler = Sampler(
            default_collectors(platform=platform), processes=default_watch(platform=platform)
        )
        sampler.prime(now=0.0)
        time.sleep(0.1)  # the kernel counts processor time in hundredths of a second

        sample = json.loads(sampler.take(now=1.0, time=1.0).encoded)

        assert sample["values"].keys() >= EVERYWHERE
        assert sample["values"].keys() <= DECIMALS.keys()
        assert sample["processes"]
        assert not caplog.records

    def test_ask_systemd_only_where_it_started_the_machine(self, tmp_path):
        assert registry._failed_units(tmp_path) is None
        (tmp_path / "systemd/system").mkdir(parents=True)

        assert registry._failed_units(tmp_path) or not Path(COMMAND[0]).exists()

    def test_leave_psutil_alone_on_linux(self):
        code = "from tara_agent import agent; from tara_agent.collectors import registry as r;"
        code += "r.default_watch(); r.default_collectors(); agent.machine_facts(); import sys;"
        code += "sys.exit('psutil' in sys.modules)"

        ran = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)

        assert ran.returncode == 0

    def test_leave_out_what_is_switched_off(self):
        options = Options(off=frozenset({"processes", "mounts", "sockets"}))

        names = {collector.name for collector in default_collectors(options)}

        assert not names & options.off
        assert "cpu" in names
        assert default_watch(options) is None

    def test_have_names_that_can_be_switched_off(self, tmp_path):
        options = Options(textfile_path=tmp_path)
        found = {
            collector.name
            for platform in ("linux", "win32")
            for collector in default_collectors(options, platform=platform)
        }

        optional = {"systemd", "containers", "gpus"}  # not on every machine
        assert set(COLLECTORS) - optional <= found | {default_watch().name} <= set(COLLECTORS)

    def test_read_textfiles_where_a_folder_is_named(self, tmp_path):
        (tmp_path / "a.prom").write_text("jobs 1\n")

        [collector] = [
            each
            for each in default_collectors(Options(textfile_path=tmp_path))
            if each.name == "textfiles"
        ]

        assert collector.collect(0.0) == {"jobs": 1}


class TestWithoutLinux:
    def test_a_collector_without_its_files_costs_its_own_values_only(self, tmp_path, caplog):
        collectors = [
            *(CpuCollector.for_linux(tmp_path), MeminfoCollector(tmp_path)),
            *(PagingCollector(tmp_path), HandleCollector(tmp_path)),
            *(MountCollector.for_linux(tmp_path), DeviceCollector.for_linux(tmp_path)),
            *(FanCollector.for_linux(tmp_path), FrequencyCollector.for_linux(tmp_path, tmp_path)),
            Counting(),
        ]
        sampler = Sampler(collectors, processes=ProcessWatch.for_linux(tmp_path / "none"))
        for now in range(3):
            sample = sampler.take(now=now, time=now)

        assert json.loads(sample.encoded)["values"]["load_1m"] == 3
        told = [record.getMessage() for record in caplog.records]
        assert len(told) == len({text.split()[1] for text in told}) == 6
        assert not any(record.exc_info for record in caplog.records)

    def test_every_module_can_be_loaded_without_what_only_linux_has(self):
        code = """
            import os, sys, pkgutil, importlib
            for name in ("sysconf", "statvfs", "getloadavg", "uname"):
                delattr(os, name)
            for name in ("fcntl", "resource", "termios", "pwd", "grp"):
                sys.modules[name] = None
            import tara_agent.collectors
            for module in pkgutil.iter_modules(tara_agent.collectors.__path__):
                importlib.import_module("tara_agent.collectors." + module.name)
        """
        ran = subprocess.run(
            [sys.executable, "-c", "import psutil\n" + textwrap.dedent(code)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert ran.returncode == 0, ran.stderr


class TestPaced:
    def test_asks_now_and_then_and_repeats_the_answer(self):
        counting = Counting()
        paced = Paced(counting, 60)

        told = [paced.collect(now)["load_1m"] for now in (0.0, 10.0, 59.0, 60.0, 70.0)]

        assert told == [1, 1, 1, 2, 2]

    def test_repeats_no_failure_and_no_old_answer(self):
        counting = Counting()
        paced = Paced(counting, 60)
        paced.collect(0.0)
        counting.collect = lambda now: 1 / 0

        with pytest.raises(ZeroDivisionError):
            paced.collect(60.0)
        assert paced.collect(61.0) == {}


MOUNTS = b"""
26 1 8:1 / / rw - ext4 /dev/sda1 rw
27 26 8:2 / /mnt/backup rw - ext4 /dev/sda2 rw
28 26 0:9 / /run rw - tmpfs tmpfs rw
"""


class TestChoice:
    @pytest.mark.parametrize(
        ("choice", "taken"),
        [
            (Choice(), {"/"}),
            (Choice.of(exclude=["/mnt/*"]), {"/"}),
            (Choice.of(include=["/mnt/*"]), {"/mnt/backup"}),
            (Choice.of(include=["/", "/run"]), {"/", "/run"}),
            (Choice.of(include=["*"], exclude=["/run", "/mnt*"]), {"/"}),
        ],
        ids=["usual", "less", "others", "pseudo ones too", "all but"],
    )
    def test_of_mounts(self, choice, taken):
        usual = {"/mnt/backup"} if choice == Choice() else set()

        found = parse_mountinfo(MOUNTS, lambda _: True, choice=choice)

        assert {mount.path for mount in found} == taken | usual

    def test_of_interfaces(self):
        collector = InterfaceCollector.for_linux(choice=Choice.of(include=["lo"]))
        collector.collect(0.0)

        assert collector.collect(1.0)["network_sent_bytes_per_second"].keys() == {"lo"}

    def test_of_devices(self, tmp_path):
        (tmp_path / "block/sda").mkdir(parents=True)
        collector = DeviceCollector.for_linux(tmp_path, choice=Choice.of(include=["zz*"]))
        collector.collect(0.0)

        assert collector.collect(1.0) == {}
