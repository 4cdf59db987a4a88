"""The zipapp, made of the packages that are installed here instead of wheels from the network."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import files
from pathlib import Path

import pytest

from agent_client.packaging import unpack, zipapp
from tara_agent.version import VERSION


def wheel_of(name, folder):
    """Return the installed package as a wheel; enough of one to be unpacked."""
    path = folder / f"{name}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in files(name):
            if "__pycache__" not in file.parts and ".." not in file.parts:
                wheel.write(file.locate(), str(file))
    return path


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    pure = [wheel_of(name, folder) for name in zipapp.PURE]
    return zipapp.gather(pure, {unpack.machine(): [wheel_of("psutil", folder)]})


@pytest.fixture(scope="module")
def file(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("bin") / "tara-agent.pyz"
    zipapp.write(path, content)
    return path


@pytest.fixture
def call(tmp_path):
    """Call the file with a Python that has nothing else; return what became of it."""

    def call(file, *arguments, cache=tmp_path / "cache"):
        environ = {"XDG_CACHE_HOME": str(cache), "HOME": str(tmp_path), "AGENT_CONFIG": "none"}
        return subprocess.run(
            [sys.executable, "-I", "-S", str(file), *arguments],
            env=environ | {name: os.environ[name] for name in ("PATH",)},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def unpacked_in(cache):
    """Return the folders that files were unpacked to."""
    return list((cache / "tara-agent").iterdir())


class TestFile:
    def test_runs_with_python_only(self, file, call):
        done = call(file, "once")

        assert done.returncode == 0, done.stderr
        assert f"version{VERSION:>20}".split() in [
            line.split() for line in done.stdout.splitlines()
        ]
        assert any(line.startswith("load_1m") for line in done.stdout.splitlines())

    def test_is_unpacked_once_for_its_user_alone(self, file, call, tmp_path):
        call(file, "version")
        (folder,) = unpacked_in(tmp_path / "cache")
        before = folder.stat().st_mtime_ns
        done = call(file, "version")

        assert done.stdout == f"tara-agent {VERSION}\n"
        assert unpacked_in(tmp_path / "cache") == [folder]
        assert folder.stat().st_mtime_ns == before
        assert folder.stat().st_mode & 0o777 == 0o700

    @pytest.mark.skipif(os.name == "nt", reason="Windows says in another way who may write")
    def test_runs_nothing_that_others_could_have_put_there(self, file, call, tmp_path):
        call(file, "version")
        (folder,) = unpacked_in(tmp_path / "cache")
        (folder / "tara_agent/version.py").write_text("VERSION = 'somebody else'")
        folder.chmod(0o777)

        done = call(file, "version")

        assert done.stdout == f"tara-agent {VERSION}\n"
        assert len(unpacked_in(tmp_path / ".cache")) == 1, "it went elsewhere"

    def test_does_without_a_folder_it_can_write(self, file, call, tmp_path):
        (tmp_path / "file").write_text("")
        (tmp_path / ".cache").write_text("")

        done = call(file, "version", cache=tmp_path / "file")

        assert done.stdout == f"tara-agent {VERSION}\n"

    def test_says_when_it_has_no_psutil_for_this_machine(self, content, call, tmp_path):
        pure = {name: data for name, data in content.items() if name.startswith("pure/")}
        zipapp.write(tmp_path / "tara-agent.pyz", pure)

        done = call(tmp_path / "tara-agent.pyz", "version")

        assert done.returncode == 1
        assert f"no psutil for {unpack.machine()}" in done.stderr

    def test_is_the_same_from_the_same(self, file, content, tmp_path):
        zipapp.write(tmp_path / "again.pyz", dict(content))

        assert (tmp_path / "again.pyz").read_bytes() == file.read_bytes()

    @pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
    def test_can_be_called_as_it_is(self, file):
        assert file.read_bytes().startswith(b"#!/usr/bin/env python3\n")
        assert file.stat().st_mode & 0o111 == 0o111


class TestMachine:
    def test_is_one_that_wheels_are_fetched_for(self):
        assert unpack.machine() in zipapp.PLATFORMS


class TestFolders:
    def test_are_systemds_first(self):
        environ = {"STATE_DIRECTORY": "/var/lib/tara-agent", "XDG_CACHE_HOME": "/home/me/.cache"}

        assert unpack.folders(environ)[:2] == [
            str(Path(folder, "tara-agent")) for folder in environ.values()
        ]


class TestLocked:
    def test_has_version_and_hashes_of_every_package(self):
        lock = zipapp.LOCK.read_text()

        for name in (*zipapp.PURE, "psutil"):
            lines = zipapp.locked(lock, name).splitlines()
            assert lines[0].startswith(f"{name}==")
            assert any("--hash=sha256:" in line for line in lines)
            assert not any(line[0] not in " #" for line in lines[1:])

    def test_is_of_the_versions_that_the_tests_run_with(self):
        servers = (zipapp.ROOT / "requirements.txt").read_text()

        for name in (*zipapp.PURE, "psutil"):
            first = zipapp.locked(zipapp.LOCK.read_text(), name).split()[0]
            assert first in servers.split()


class TestUnpacker:
    def test_can_be_read_by_an_old_python(self):
        source = Path(unpack.__file__).read_text()

        compile(source, "unpack.py", "exec", dont_inherit=True)
        assert ":=" not in source
        assert "match " not in source
