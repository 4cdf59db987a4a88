"""Fans, batteries, users, restarts and failed units."""

import os
import subprocess
import time

import pytest

from tara_agent.collectors import by_psutil
from tara_agent.collectors.battery import BatteryCollector
from tara_agent.collectors.failed_units import (
    COMMAND,
    FailedUnitCollector,
    list_failed_units,
)
from tara_agent.collectors.fans import FanCollector
from tara_agent.collectors.reboot import RebootCollector
from tara_agent.collectors.users import UserCollector


class TestFans:
    def test_are_named_by_chip_and_label(self, put, tmp_path):
        put("class/hwmon/hwmon0/name", "nct6775")
        put("class/hwmon/hwmon0/fan1_input", "1250")
        put("class/hwmon/hwmon0/fan1_label", "CPU")
        put("class/hwmon/hwmon0/temp1_input", "40000")

        values = FanCollector.for_linux(tmp_path).collect(0.0)

        assert values == {"fan_speed_rpm": {"nct6775 CPU": 1250}}

    def test_are_read_with_psutil_where_there_is_no_sys(self):
        FanCollector(by_psutil.fans).collect(0.0)


class TestBattery:
    def battery(self, put, tmp_path, *, online):
        put("class/power_supply/BAT0/type", "Battery\n")
        put("class/power_supply/BAT0/capacity", "87\n")
        put("class/power_supply/AC/type", "Mains\n")
        put("class/power_supply/AC/online", f"{online}\n")
        return BatteryCollector.for_linux(tmp_path).collect(0.0)

    @pytest.mark.parametrize("online", [0, 1])
    def test_tells_charge_and_mains(self, put, tmp_path, online):
        values = self.battery(put, tmp_path, online=online)

        assert values == {"battery_percent": {"BAT0": 87}, "battery_on_mains": online}

    def test_of_a_mouse_is_not_the_machines(self, put, tmp_path):
        put("class/power_supply/hid/type", "Battery")
        put("class/power_supply/hid/scope", "Device")
        put("class/power_supply/hid/capacity", "12")

        assert BatteryCollector.for_linux(tmp_path).collect(0.0) == {}

    def test_is_not_told_of_a_machine_without(self, tmp_path):
        assert BatteryCollector.for_linux(tmp_path).collect(0.0) == {}

    def test_is_read_with_psutil_where_there_is_no_sys(self):
        BatteryCollector(by_psutil.power).collect(0.0)


class TestUsers:
    def test_are_the_sessions_of_people(self, put, tmp_path):
        put("systemd/sessions/1", "UID=1000\nCLASS=user\nSTATE=active\n")
        put("systemd/sessions/2", "UID=1000\nCLASS=user\nSTATE=closing\n")
        put("systemd/sessions/c1", "UID=110\nCLASS=greeter\nSTATE=active\n")
        os.mkfifo(tmp_path / "systemd/sessions/1.ref")

        assert UserCollector.for_linux(tmp_path).collect(0.0) == {"system_user_session_count": 1}

    def test_are_not_told_without_systemd(self, tmp_path):
        assert UserCollector.for_linux(tmp_path).collect(0.0) == {}

    def test_are_counted_with_psutil_elsewhere(self):
        values = UserCollector(by_psutil.user_sessions).collect(0.0)

        assert values["system_user_session_count"] >= 0


class TestReboot:
    def test_is_pending_where_it_is_marked(self, put, tmp_path):
        put("run/reboot-required", "*** System restart required ***\n")

        assert RebootCollector(tmp_path).collect(0.0) == {"system_reboot_pending": 1}

    def test_is_not_pending_where_somebody_would_have_marked_it(self, put, tmp_path):
        put("etc/kernel/postinst.d/unattended-upgrades", "")

        assert RebootCollector(tmp_path).collect(0.0) == {"system_reboot_pending": 0}

    def test_is_not_known_where_nobody_would_have(self, tmp_path):
        assert RebootCollector(tmp_path).collect(0.0) == {}


@pytest.fixture
def program(tmp_path):
    """Make a program in the place of systemctl, and a collector that runs it."""

    def make(script):
        path = tmp_path / "systemctl"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        collectors.append(FailedUnitCollector(lambda: list_failed_units([str(path), *COMMAND[1:]])))
        return collectors[-1]

    collectors = []
    yield make
    for collector in collectors:
        if collector._listing:
            collector._listing.kill()
            collector._listing.wait()
            collector._listing.stdout.close()


def until_said(collector, *, now=1.0):
    """Ask until the program has ended."""
    deadline = time.monotonic() + 10
    while collector._listing is not None:
        assert time.monotonic() < deadline
        values = collector.collect(now)
        time.sleep(0.01)
    return values


class TestFailedUnits:
    def test_are_counted_and_named(self, program):
        collector = program(
            'echo "nginx.service loaded failed failed A web server"; echo b.timer x'
        )

        assert collector.collect(0.0) == {}
        assert until_said(collector) == {
            "system_failed_unit_count": 2,
            "system_failed_unit": {"nginx.service": 1, "b.timer": 1},
        }

    def test_are_none_where_none_has_failed(self, program):
        collector = program("true")
        collector.collect(0.0)

        assert until_said(collector) == {"system_failed_unit_count": 0}

    def test_are_not_told_where_systemctl_fails(self, program):
        collector = program("echo nonsense; exit 1")
        collector.collect(0.0)

        assert until_said(collector) == {}

    def test_are_named_twenty_at_most(self, program):
        collector = program("seq 50")
        collector.collect(0.0)

        values = until_said(collector)

        assert values["system_failed_unit_count"] == 50
        assert len(values["system_failed_unit"]) == 20

    def test_let_nobody_wait(self, program):
        collector = program("sleep 60")

        began = time.monotonic()
        collector.collect(0.0)
        collector.collect(29.0)
        assert collector._listing is not None
        collector.collect(30.0)

        assert collector._listing is None
        assert time.monotonic() - began < 5

    def test_are_asked_for_every_five_minutes(self, program):
        collector = program("true")
        collector.collect(0.0)
        until_said(collector)

        assert collector.collect(299.0) == {"system_failed_unit_count": 0}
        assert collector._listing is None
        collector.collect(300.0)
        assert collector._listing is not None

    def test_cost_systemctl_no_secret(self, program, monkeypatch):
        monkeypatch.setenv("AGENT_TOKEN", "tara_secret")
        collector = program("env | grep -c AGENT | sed 's/^/count-/'")
        collector.collect(0.0)

        assert until_said(collector)["system_failed_unit"] == {"count-0": 1}

    def test_are_left_alone_without_systemctl(self, tmp_path):
        assert FailedUnitCollector.where_installed(tmp_path / "systemctl") is None

    def test_run_a_command_of_constants(self):
        assert COMMAND[0] == "/usr/bin/systemctl"
        assert "--state=failed" in COMMAND
        assert isinstance(COMMAND, tuple)

    @pytest.mark.skipif(not os.path.exists(COMMAND[0]), reason="no systemctl")  # noqa: PTH110
    def test_systemctl_knows_the_options(self):
        ran = subprocess.run([*COMMAND, "--help"], capture_output=True, check=False, timeout=20)

        assert ran.returncode == 0
