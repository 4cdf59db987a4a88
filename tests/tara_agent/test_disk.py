"""The real agent where the disk takes nothing: it goes on in memory, and says so once."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tara_agent

UNSHARE = shutil.which("unshare")


def may_mount():
    """True if this user may have a file system of its own."""
    if UNSHARE is None:
        return False
    command = [UNSHARE, "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_mount(), reason="needs unshare, and leave to mount")


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def start(secret, tmp_path, free_port):
    """Start the agent with its spool on a file system that is mounted like this."""
    agents = []

    def start(options):
        folder = tmp_path / "disk"
        folder.mkdir()
        environ = {
            "PYTHONPATH": str(Path(tara_agent.__file__).parents[1]),
            "AGENT_TOKEN": secret,
            "SERVER_URL": f"http://127.0.0.1:{free_port}",
            "AGENT_INTERVAL_SECONDS": "1",
            "AGENT_SPOOL_DIR": str(folder / "spool"),
        }
        script = f'mount -t tmpfs -o {options} tmpfs "$1" && exec "$2" -m tara_agent run'
        command = [UNSHARE, "-rm", "sh", "-c", script, "sh", str(folder), sys.executable]
        agent = subprocess.Popen(
            command, env=os.environ | environ, stderr=subprocess.PIPE, text=True
        )
        agents.append(agent)
        assert "started" in agent.stderr.readline()
        return agent

    yield start
    for agent in agents:
        agent.kill()
        agent.communicate()


class TestRefusingDisk:
    @pytest.mark.parametrize(
        ("options", "reason"),
        [("ro", "Read-only file system"), ("size=64k", "No space left on device")],
        ids=["read-only", "full"],
    )
    def test_costs_nothing_and_is_told_once(self, start, make_sink, free_port, options, reason):
        agent = start(options)
        time.sleep(4)
        sink = make_sink(free_port)
        agent.send_signal(signal.SIGTERM)
        _, log = agent.communicate(timeout=10)

        times = sorted(time for request in sink.received for time in request.times)
        assert len(times) >= 3
        assert times[-1] - times[0] < len(times), "none is missing between"
        assert log.count(f"the spool takes no samples ({reason})") == 1
        assert "stopped: 0 samples left unsent" in log
        assert len(log.splitlines()) <= 4
        assert agent.returncode == 0

    def test_is_told_of_what_is_lost_at_the_end(self, start):
        agent = start("ro")
        time.sleep(3)
        agent.send_signal(signal.SIGTERM)
        _, log = agent.communicate(timeout=10)

        assert agent.returncode == 0
        assert "samples left unsent, 0 of them kept on disk" in log
        assert "stopped: 0 samples" not in log
