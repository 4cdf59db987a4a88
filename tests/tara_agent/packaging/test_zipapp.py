"""The zipapp, made of the packages that are installed here instead of wheels from the network."""

import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
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
    return zipapp.gather([wheel_of(name, folder) for name in zipapp.PURE], {})


@pytest.fixture(scope="module")
def file(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("bin") / "tara-agent.pyz"
    zipapp.write(path, content)
    return path


@pytest.fixture
def call(tmp_path):
    """Call the file with a Python that has nothing else; return what became of it."""

    def call(file, *arguments, cache=tmp_path / "cache", start=()):
        environ = {"XDG_CACHE_HOME": str(cache), "HOME": str(tmp_path), "AGENT_CONFIG": "none"}
        (tmp_path / "tmp").mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, "-I", "-S", *start, str(file), *arguments],
            env=environ | {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "tmp")},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@contextmanager
def held(folder, kind=fcntl.LOCK_SH):
    """Lock a folder as an agent does that runs from it, or one that deletes it."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, kind)
    yield
    os.close(descriptor)


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

    def test_loads_nothing_for_unpacking_once_that_is_done(self, file, call):
        call(file, "version")

        done = call(file, "version", start=("-X", "importtime"))

        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "tara_agent.cli" in loaded
        assert not loaded & {"zipfile", "tempfile", "shutil"}

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
        assert list((tmp_path / "tmp").iterdir()) == [], "what no later start can use is gone"

    def test_says_when_it_has_no_psutil_for_a_system_that_needs_it(self, file, call):
        elsewhere = (
            "import runpy, sys; sys.platform = 'freebsd14'; del sys.argv[0];"
            "runpy.run_path(sys.argv[0], run_name='__main__')"
        )

        done = call(file, "version", start=("-c", elsewhere))

        assert done.returncode == 1
        assert "no psutil for freebsd14-" in done.stderr

    def test_is_the_same_from_the_same(self, file, content, tmp_path):
        zipapp.write(tmp_path / "again.pyz", dict(content))

        assert (tmp_path / "again.pyz").read_bytes() == file.read_bytes()

    @pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
    def test_can_be_called_as_it_is(self, file):
        assert file.read_bytes().startswith(b"#!/usr/bin/env python3\n")
        assert file.stat().st_mode & 0o111 == 0o111


OTHERS = ("0" * 32, ".tara-agent-k1ll3d")


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no locks on folders")
class TestPruning:
    """What other versions of the file have left where this one is unpacked."""

    @pytest.fixture
    def others(self, tmp_path):
        folders = [tmp_path / "cache/tara-agent" / name for name in OTHERS]
        for folder in folders:
            (folder / "tara_agent").mkdir(parents=True)
            folder.chmod(0o700)
        return folders

    def test_takes_other_versions_and_torn_starts_away(self, file, call, others):
        call(file, "version")

        assert [folder for folder in others if folder.exists()] == []

    def test_does_so_with_each_start(self, file, call, others):
        with held(others[0]):
            call(file, "version")
            assert others[0].exists(), "an agent runs from there"

        call(file, "version")

        assert not others[0].exists()

    def test_leaves_what_is_not_its_own(self, file, call, tmp_path):
        spool = tmp_path / "cache/tara-agent/spool"
        spool.mkdir(parents=True)

        call(file, "version")

        assert spool.exists()

    def test_leaves_the_folder_of_an_agent_that_runs(self, file, content, call, secret, tmp_path):
        cache = tmp_path / "cache"
        agent = subprocess.Popen(
            [sys.executable, "-I", "-S", str(file), "run"],
            env={"XDG_CACHE_HOME": str(cache), "AGENT_CONFIG": "none", "AGENT_SPOOL_DIR": "none"}
            | {"AGENT_TOKEN": secret, "SERVER_URL": "http://127.0.0.1:9"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "started" in agent.stderr.readline()
        (folder,) = unpacked_in(cache)
        zipapp.write(tmp_path / "newer.pyz", content | {"pure/newer.py": b""})

        call(tmp_path / "newer.pyz", "version")
        both = unpacked_in(cache)
        agent.terminate()
        agent.communicate(timeout=10)
        call(tmp_path / "newer.pyz", "version")

        assert agent.returncode == 0
        assert folder in both
        assert len(both) == 2
        assert folder not in unpacked_in(cache)

    def test_unpacks_anew_what_is_just_being_deleted(self, file, call, tmp_path):
        call(file, "version")
        (folder,) = unpacked_in(tmp_path / "cache")
        with held(folder, fcntl.LOCK_EX):
            done = call(file, "version")

        assert done.stdout == f"tara-agent {VERSION}\n"
        assert len(unpacked_in(tmp_path / ".cache")) == 1, "it went elsewhere"


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
        locks = [zipapp.ROOT / name for name in ("requirements.txt", "requirements-dev.txt")]
        installed = " ".join(lock.read_text() for lock in locks).split()

        for name in (*zipapp.PURE, "psutil"):
            first = zipapp.locked(zipapp.LOCK.read_text(), name).split()[0]
            assert first in installed


class TestUnpacker:
    def test_can_be_read_by_an_old_python(self):
        source = Path(unpack.__file__).read_text()

        compile(source, "unpack.py", "exec", dont_inherit=True)
        assert ":=" not in source
        assert "match " not in source
