"""The Debian package, built and unpacked for real."""

import shutil
import subprocess
import sys

import pytest

from agent_client.packaging import deb
from tara_agent.service import systemd
from tara_agent.version import VERSION

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    deb.lay_out(folder / "root")
    return deb.build(folder / "root", folder)


@pytest.fixture(scope="module")
def root(package, tmp_path_factory):
    """The package's files, as dpkg unpacks them."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    return root


@pytest.fixture(scope="module")
def scripts(package, tmp_path_factory):
    """The package's scripts and control file."""
    folder = tmp_path_factory.mktemp("control")
    subprocess.run(["dpkg", "-e", str(package), str(folder)], check=True)
    return folder


def field(package, name):
    command = ["dpkg-deb", "--field", str(package), name]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class TestPackage:
    def test_says_what_it_is_and_needs(self, package):
        assert package.name == f"tara-agent_{VERSION}-1_all.deb"
        assert field(package, "Version") == f"{VERSION}-1"
        assert field(package, "Architecture") == "all"
        needed = {word.split()[0] for word in field(package, "Depends").split(", ")}
        assert needed == {"python3", "adduser"}

    def test_belongs_to_root_and_is_writable_by_nobody_else(self, package):
        command = ["dpkg-deb", "--contents", str(package)]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout

        for line in listing.splitlines():
            mode, owner = line.split()[:2]
            assert owner == "root/root"
            assert (mode[5], mode[8]) == ("-", "-")

    def test_has_the_unit_with_its_own_user(self, root):
        unit = (root / "usr/lib/systemd/system/tara-agent.service").read_text()

        assert unit == systemd.unit(["/usr/bin/tara-agent"], user="tara-agent")

    def test_has_a_command_that_runs(self, root):
        command = root / "usr/bin/tara-agent"
        text = command.read_text()
        assert text.startswith("#!/usr/bin/python3 -I\n")
        assert command.stat().st_mode & 0o777 == 0o755

        here = text.replace("/usr/lib/tara-agent", str(root / "usr/lib/tara-agent"))
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", here, "version"],
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout == f"tara-agent {VERSION}\n"

    def test_has_no_compiled_file(self, package):
        command = ["dpkg-deb", "--contents", str(package)]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout

        assert "/tara_agent/cli.py" in listing
        assert "__pycache__" not in listing

    @pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
    def test_has_scripts_that_a_shell_can_read(self, scripts, name):
        path = scripts / name

        assert path.stat().st_mode & 0o777 == 0o755
        assert path.read_text().startswith("#!/bin/sh\nset -e\n")
        subprocess.run(["sh", "-n", str(path)], check=True)

    def test_makes_the_user_that_the_unit_names(self, scripts):
        assert "tara-agent\n  fi" in (scripts / "postinst").read_text()
        assert "adduser --quiet --system --group" in (scripts / "postinst").read_text()
