"""Proof, by what the kernel is asked for, that the agent is harmless: the real one, under strace.

TARA_STRACE_SECONDS sets how long it is watched online; `make test-agent-quiet` takes 600.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

import tara_agent
from tara_agent.collectors.failed_units import COMMAND, FailedUnitCollector
from tara_agent.collectors.registry import default_collectors
from tara_agent.service import systemd

SECONDS = float(os.environ.get("TARA_STRACE_SECONDS", "4"))
STRACE = shutil.which("strace")

STARTING = ("execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace")
LISTENING = ("listen", "accept", "accept4")
OPENING = ("open", "openat", "openat2")
CHANGING = (
    *("creat", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat"),
    *("renameat2", "link", "linkat", "symlink", "symlinkat", "truncate", "ftruncate", "mknod"),
    *("mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown"),
    *("fsync", "fdatasync", "sync", "syncfs", "fallocate", "setxattr", "utimensat"),
)
PROOF = ",".join([*STARTING, *LISTENING, *OPENING, *CHANGING, "bind", "connect"])


def may_trace():
    """True if there is strace and the kernel lets it watch."""
    if STRACE is None:
        return False
    tried = subprocess.run([STRACE, "-o", os.devnull, "true"], capture_output=True, check=False)
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(not may_trace(), reason="needs strace, and leave to use it")


class Call(NamedTuple):
    """A system call as strace writes it."""

    name: str
    arguments: str

    @property
    def changes_files(self):
        wants_to_write = re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", self.arguments)
        return self.name in CHANGING or (self.name in OPENING and bool(wants_to_write))

    @property
    def paths(self):
        """Return the absolute paths that it names, or has open."""
        arguments = re.sub(r"AT_FDCWD<[^>]*>", "", self.arguments)
        return re.findall(r'["<](/[^">]*)[">]', arguments)


def calls_in(trace):
    """Return the calls that `strace -f -o` wrote down; one that failed counts as well."""
    found = re.findall(r"^\d+ +(\w+)\((.*)$", trace.read_text(), re.MULTILINE)
    return [Call(name, arguments) for name, arguments in found]


@pytest.fixture
def watch(secret, tmp_path):
    """Run the agent under strace against a server's address for so long; return its calls.

    Without the one collector that runs a program, which is looked at by itself.
    """

    def watch(url, seconds, watched=PROOF, **settings):
        trace = tmp_path / "trace"
        environ = os.environ | {
            "PYTHONPATH": str(Path(tara_agent.__file__).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",  # as it is where the package was installed
            "AGENT_TOKEN": secret,
            "SERVER_URL": url,
            "AGENT_INTERVAL_SECONDS": "1",
            "AGENT_SPOOL_DIR": str(tmp_path / "spool"),
            "AGENT_COLLECTORS_EXCLUDE": FailedUnitCollector.name,
        }
        environ |= settings
        environ.pop("COVERAGE_PROCESS_CONFIG", None)  # or it is coverage that writes files
        agent = [sys.executable, "-m", "tara_agent", "run"]
        options = ["-f", "-y", "-qq", "--seccomp-bpf", "-e", f"trace={watched}"]
        with subprocess.Popen(
            [STRACE, *options, "-o", str(trace), *agent],
            env=environ,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert any("started" in line for line in process.stderr)
                time.sleep(seconds)
                stop(trace, signal.SIGTERM)
                process.communicate(timeout=30)
            except BaseException:
                stop(trace, signal.SIGKILL)
                raise
        assert process.returncode == 0
        return calls_in(trace)

    return watch


def stop(trace, number):
    """End the agent itself: strace would not pass a signal on."""
    with trace.open() as lines:
        os.kill(int(lines.readline().split(maxsplit=1)[0]), number)


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_of_a_thread(call):
    return call.name in {"clone", "clone3"} and "CLONE_THREAD" in call.arguments


class TestOnline:
    @pytest.fixture
    def calls(self, watch, sink):
        calls = watch(sink.url, SECONDS)
        assert len(sink.received) >= SECONDS / 2, "it has been at work"
        return calls, sink.server_port

    def test_writes_nothing_starts_nothing_and_opens_no_door(self, calls):
        calls, port = calls

        assert [call for call in calls if call.changes_files] == []
        first, *started = [call for call in calls if call.name in STARTING]
        assert first.name == "execve"
        assert [call for call in started if not is_of_a_thread(call)] == []
        assert [call for call in calls if call.name in LISTENING] == []
        assert [call for call in calls if call.name == "bind"] == []
        connected = [call for call in calls if call.name == "connect"]
        assert connected != []
        assert [call for call in connected if f"htons({port})" not in call.arguments] == []


class TestPrograms:
    def test_are_systemctl_and_no_other(self, watch, sink):
        calls = watch(sink.url, 3, AGENT_COLLECTORS_EXCLUDE="")

        _, *started = [call for call in calls if call.name in {"execve", "execveat"}]
        words = "[" + ", ".join(f'"{word}"' for word in COMMAND) + "]"
        expected = f'"{COMMAND[0]}", {words}, '
        assert [call for call in started if not call.arguments.startswith(expected)] == []
        assert all("/* 0 vars */" in call.arguments for call in started)
        is_asked = any(isinstance(it, FailedUnitCollector) for it in default_collectors())
        assert len(started) == is_asked


class TestInAnOutage:
    def test_writes_below_its_folder_only(self, watch, free_port, tmp_path):
        changing = [
            call for call in watch(f"http://127.0.0.1:{free_port}", 3) if call.changes_files
        ]

        assert {"mkdir", "openat", "fsync"} <= {call.name for call in changing}
        paths = {path for call in changing for path in call.paths}
        assert [path for path in paths if not path.startswith(f"{tmp_path}/spool")] == []


def members_of(group):
    """Return the system calls that systemd has in a group."""
    command = ["systemd-analyze", "syscall-filter", group]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in told.splitlines()[1:]]
    members = {word for word in words if word and not word.startswith(("#", "@"))}
    return members.union(*(members_of(word) for word in words if word.startswith("@")))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
class TestUnit:
    def test_lets_the_agent_do_all_it_does(self, watch, free_port):
        rules = re.findall(r"^SystemCallFilter=(~?)(.+)$", systemd.unit(["x"]), re.MULTILINE)
        allowed = set()
        for is_taken_away, groups in rules:
            members = set().union(*(members_of(group) for group in groups.split()))
            allowed = allowed - members if is_taken_away else allowed | members

        url = f"http://127.0.0.1:{free_port}"
        calls = {call.name for call in watch(url, 3, "all", AGENT_COLLECTORS_EXCLUDE="")}

        assert len(calls) > 30
        # systemd itself lets these through: without them no program could be started.
        assert calls - allowed - {"execve", "exit", "exit_group", "rt_sigreturn"} == set()


class TestCall:
    """What the proofs above rest on."""

    @pytest.mark.parametrize(
        "line",
        [
            '7 openat(AT_FDCWD</x>, "/y", O_WRONLY|O_CREAT|O_CLOEXEC, 0600) = 3</y>',
            '7 openat(AT_FDCWD</x>, "/y", O_RDWR) = -1 ENOENT (No such file or directory)',
            '7 openat(AT_FDCWD</x>, "/y", O_RDONLY|O_TRUNC <unfinished ...>',
            '7 mkdir("/y", 0700) = 0',
            "7 fsync(5</y>) = 0",
        ],
    )
    def test_knows_what_changes_files(self, tmp_path, line):
        (tmp_path / "trace").write_text(line + "\n")

        (call,) = calls_in(tmp_path / "trace")

        assert call.changes_files
        assert set(call.paths) == {"/y"}

    def test_knows_what_only_reads(self, tmp_path):
        (tmp_path / "trace").write_text('7 openat(AT_FDCWD</x>, "/y", O_RDONLY|O_CLOEXEC) = 3\n')

        assert not calls_in(tmp_path / "trace")[0].changes_files
