"""What is done to make the agent a service, and to undo it."""

import sys
from pathlib import Path

import pytest

from tara_agent import cli, config_file
from tara_agent.errors import NotDone
from tara_agent.exits import Exit
from tara_agent.service import carry_out, here, launchd, systemd, windows
from tara_agent.service.plan import Plan, Remove, Run, Settings, Write

PROGRAM = ["/opt/tara-agent/bin/tara-agent"]
VALUES = {"server_url": "https://tara.example.org"}


def plans():
    """Return every plan there is."""
    folder, home = Path("/ProgramData/tara-agent"), Path("/Users/me")
    root = r"C:\Windows"
    config = home / "config.toml"
    return [
        systemd.install(PROGRAM, VALUES),
        systemd.uninstall(),
        launchd.install(PROGRAM, VALUES, home=home, config=config, uid=501),
        launchd.uninstall(home=home, config=config, uid=501),
        windows.install(PROGRAM, VALUES, folder=folder, system_root=root),
        windows.uninstall(folder=folder, system_root=root),
    ]


@pytest.fixture(autouse=True)
def with_systemd(monkeypatch):
    """Have a systemctl, whatever machine this is; no test calls it."""
    monkeypatch.setattr(systemd, "_SYSTEMCTL", (sys.executable,))


class TestPlans:
    def test_call_nothing_but_what_manages_services(self):
        called = {
            step.command[0] for plan in plans() for step in plan.steps if isinstance(step, Run)
        }

        assert called == {
            sys.executable,  # which stands for systemctl here
            "/bin/launchctl",
            r"C:\Windows\System32\icacls.exe",
            r"C:\Windows\System32\schtasks.exe",
        }

    def test_write_the_settings_before_the_service_starts(self):
        for plan in plans()[::2]:
            assert plan.steps[0] == Settings(plan.steps[0].path, VALUES)
            assert isinstance(plan.steps[-1], Run)

    def test_leave_the_settings_alone_where_none_are_given(self):
        assert not any(isinstance(step, Settings) for step in systemd.install(PROGRAM, {}).steps)

    def test_leave_a_packages_unit_alone(self, tmp_path, monkeypatch):
        (tmp_path / systemd.UNIT).write_text("")
        monkeypatch.setattr(systemd, "PACKAGED_UNITS", (tmp_path / systemd.UNIT,))

        assert not any(isinstance(step, Write) for step in systemd.install(PROGRAM, {}).steps)

    def test_tell_no_secret(self, secret):
        plan = systemd.install(PROGRAM, {"token": secret, "proxy_url": "http://me:pw@proxy"})

        assert secret not in plan.told()
        assert "pw" not in plan.told()

    def test_need_a_program_that_a_service_can_read(self):
        with pytest.raises(NotDone, match=r"/home/me/\.local/bin/tara-agent is in somebody's home"):
            systemd.install(["/home/me/.local/bin/tara-agent"], {})

    def test_need_a_system_that_is_known(self, monkeypatch):
        monkeypatch.setattr(systemd, "_SYSTEMCTL", ("/nowhere/systemctl",))

        with pytest.raises(NotDone, match="no systemd"):
            here.install({}, {}, "linux")
        with pytest.raises(NotDone, match="freebsd14"):
            here.install({}, {}, "freebsd14")
        with pytest.raises(NotDone, match="openbsd"):
            here.uninstall({}, "openbsd")


class TestProgram:
    def test_is_the_command_that_runs(self, tmp_path):
        command = tmp_path / "tara-agent"
        command.write_text("")

        assert here.program(str(command)) == [str(command)]

    def test_is_python_and_the_file_for_a_zipapp(self, tmp_path):
        file = tmp_path / "tara-agent-0.2.0.pyz"
        file.write_text("")

        assert here.program(str(file), "/usr/bin/python3") == ["/usr/bin/python3", str(file)]

    def test_is_the_module_for_anything_else(self):
        assert here.program("/x/__main__.py", "/usr/bin/python3") == [
            *("/usr/bin/python3", "-m", "tara_agent")
        ]


class TestCarryOut:
    def test_does_each_step(self, tmp_path):
        wrote = tmp_path / "units/agent.service"
        gone = tmp_path / "old"
        gone.write_text("")
        settings = tmp_path / "etc/config.toml"
        touch = (sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')")

        carry_out.carry_out(
            Plan(
                (Settings(settings, VALUES), Write(wrote, "[Unit]\n"), Remove(gone), Run(touch)), ""
            )
        )

        assert config_file.read(settings) == VALUES
        assert wrote.read_text() == "[Unit]\n"
        assert wrote.stat().st_mode & 0o777 == 0o644
        assert not gone.exists()
        assert (tmp_path / "ran").exists()

    def test_removes_what_is_not_there(self, tmp_path):
        carry_out.carry_out(Plan((Remove(tmp_path / "nothing"),), ""))

    def test_stops_at_a_call_that_must_not_fail(self, tmp_path):
        fail = (sys.executable, "-c", "import sys; sys.exit('Access denied')")

        with pytest.raises(NotDone, match="failed: Access denied"):
            carry_out.carry_out(Plan((Run(fail), Write(tmp_path / "after", "")), ""))
        assert not (tmp_path / "after").exists()

    def test_goes_on_after_one_that_may(self, tmp_path):
        fail = Run((sys.executable, "-c", "raise SystemExit(1)"), must=False)

        carry_out.carry_out(Plan((fail, Write(tmp_path / "after", "")), ""))

        assert (tmp_path / "after").exists()

    def test_says_what_could_not_be_written(self, tmp_path):
        (tmp_path / "file").write_text("")

        with pytest.raises(NotDone, match=r"could not write .*file/unit \(.*Are you root"):
            carry_out.carry_out(Plan((Write(tmp_path / "file/unit", ""),), ""))


@pytest.mark.skipif(sys.platform != "linux", reason="plans for the system it runs on")
class TestCommands:
    @pytest.fixture
    def etc(self, monkeypatch, tmp_path):
        monkeypatch.setattr(systemd, "CONFIG", tmp_path / "etc/config.toml")
        monkeypatch.setattr(systemd, "OWN_UNIT", tmp_path / "etc/tara-agent.service")
        monkeypatch.setattr(systemd, "_HOMES", ())
        monkeypatch.setattr(sys, "argv", ["tara-agent"])
        return tmp_path / "etc"

    def test_install_only_tells_what_it_would_do(self, etc, secret, monkeypatch, capsys):
        monkeypatch.setenv("AGENT_TOKEN", secret)

        assert cli.main(["install", "--dry-run", "--interval-seconds", "30"]) == Exit.DONE

        told = capsys.readouterr().out
        assert "interval_seconds = 30" in told
        assert "ExecStart=" in told
        assert secret not in told
        assert not etc.exists()

    def test_install_needs_a_token(self, etc, monkeypatch, capsys):
        monkeypatch.delenv("AGENT_TOKEN", raising=False)

        assert cli.main(["install", "--dry-run"]) == Exit.CONFIG
        assert "gen_token" in capsys.readouterr().err

    def test_install_writes_and_starts(self, etc, secret, monkeypatch, tmp_path):
        systemctl = tmp_path / "systemctl"
        systemctl.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\n')
        systemctl.chmod(0o755)
        monkeypatch.setattr(systemd, "_SYSTEMCTL", (str(systemctl),))
        (tmp_path / "token").write_text(secret)

        code = cli.main(
            ["install", "--token-file", str(tmp_path / "token"), "--server-url", "http://server"]
        )

        assert code == Exit.DONE
        assert config_file.read(etc / "config.toml") == {
            "token": secret,
            "server_url": "http://server",
        }
        assert (etc / "config.toml").stat().st_mode & 0o777 == 0o600
        assert (etc / "tara-agent.service").exists()
        assert (tmp_path / "called").read_text().splitlines() == [
            "daemon-reload",
            "enable tara-agent.service",
            "restart tara-agent.service",
        ]

        assert cli.main(["uninstall"]) == Exit.DONE
        assert not (etc / "tara-agent.service").exists()

    def test_uninstall_says_why_it_could_not(self, etc, monkeypatch, tmp_path, capsys):
        systemctl = tmp_path / "systemctl"
        systemctl.write_text("#!/bin/sh\necho Access denied >&2; exit 4\n")
        systemctl.chmod(0o755)
        monkeypatch.setattr(systemd, "_SYSTEMCTL", (str(systemctl),))

        assert cli.main(["uninstall"]) == Exit.NOT_DONE
        assert "daemon-reload failed: Access denied" in capsys.readouterr().err
