"""What is written for each kind of service, letter by letter.

After a change that is meant: TARA_WRITE_GOLDEN=1 writes the files anew; read the difference.
"""

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tara_agent.service import launchd, systemd, windows

GOLDEN = Path(__file__).parent / "golden"
PROGRAM = ["/opt/tara-agent/bin/tara-agent"]
WINDOWS_PROGRAM = [r"C:\Program Files\Python\python.exe", r"C:\R&D tools\tara-agent.pyz"]


def assert_golden(name, text):
    path = GOLDEN / name
    if os.environ.get("TARA_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


class TestUnit:
    def test_is_what_was_read_and_found_good(self):
        assert_golden("tara-agent.service", systemd.unit(PROGRAM))

    def test_names_a_user_where_there_is_one(self):
        text = systemd.unit(PROGRAM, user="tara-agent")

        assert "User=tara-agent\nGroup=tara-agent\n" in text
        assert "DynamicUser" not in text

    @pytest.mark.parametrize(
        ("part", "written"),
        [
            ("/opt/my agent/python", '"/opt/my agent/python"'),
            ("/opt/100%/$x", "/opt/100%%/$$x"),
            ('/opt/a "b"', r'"/opt/a \"b\""'),
        ],
    )
    def test_quotes_paths_as_systemd_reads_them(self, part, written):
        assert f"ExecStart={written} run --config" in systemd.unit([part])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
class TestUnitBySystemd:
    @pytest.fixture(params=[None, "daemon"], ids=["dynamic user", "a user"])
    def path(self, request, tmp_path):
        path = tmp_path / "tara-agent.service"
        path.write_text(systemd.unit([sys.executable], user=request.param))
        return path

    def analyze(self, *arguments):
        return subprocess.run(
            ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
        )

    def test_is_understood(self, path):
        done = self.analyze("verify", "--man=no", str(path))

        assert (done.returncode, done.stderr) == (0, "")

    def test_exposes_little(self, path):
        done = self.analyze("security", "--offline=yes", "--threshold=22", str(path))

        assert done.returncode == 0, done.stdout


class TestPlist:
    def test_is_what_was_read_and_found_good(self):
        text = launchd.plist(PROGRAM, log=Path("/Users/me/Library/Logs/tara-agent.log"))

        assert_golden("org.tarasysdash.agent.plist", text)
        assert plistlib.loads(text.encode())["ProgramArguments"] == [*PROGRAM, "run"]


class TestTask:
    def test_is_what_was_read_and_found_good(self):
        assert_golden("task.xml", windows.task(WINDOWS_PROGRAM))

    def test_calls_the_agent_whatever_its_path(self):
        tree = ElementTree.fromstring(windows.task(WINDOWS_PROGRAM).encode("utf-16"))

        called = [element.text for element in tree.iter() if element.tag.endswith(("Command", "s"))]
        assert WINDOWS_PROGRAM[0] in called
        assert f'"{WINDOWS_PROGRAM[1]}" run' in called
