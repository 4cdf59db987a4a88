"""The real agent as a process of its own, beside a real server."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

import tara_agent
from tara_agent import lean

SOURCE = Path(tara_agent.__file__).parents[1]


@pytest.fixture
def start(secret, tmp_path):
    """Start `tara-agent run` against an address; end it after the test.

    `hangup` is what SIGHUP does when it starts: these tests may run under nohup themselves.
    """
    agents = []

    def start(url, *, hangup=signal.SIG_DFL, **settings):
        environ = {
            "PYTHONPATH": str(SOURCE),
            "AGENT_TOKEN": secret,
            "SERVER_URL": url,
            "AGENT_INTERVAL_SECONDS": "1",
            "AGENT_SPOOL_DIR": str(tmp_path / "spool"),
        }
        ours = signal.signal(signal.SIGHUP, hangup)  # which a new process takes over
        agent = subprocess.Popen(
            [sys.executable, "-m", "tara_agent", "run"],
            env=os.environ | environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        signal.signal(signal.SIGHUP, ours)
        agents.append(agent)
        return agent

    yield start
    for agent in agents:
        agent.kill()
        agent.communicate()


def stop(agent, number=signal.SIGTERM):
    """Stop the agent as a service manager would; return its exit code, log and seconds it took."""
    began = time.monotonic()
    agent.send_signal(number)
    _, log = agent.communicate(timeout=10)
    return agent.returncode, log, time.monotonic() - began


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class TestRun:
    def test_sends_a_sample_within_seconds(self, start, sink):
        start(sink.url)

        request = sink.wait_for(1)[0]

        assert request.body["agent"]["hostname"] == socket.gethostname()
        assert len(request.body["samples"]) == 1
        assert "cpu_percent" in request.body["samples"][0]["values"]
        assert abs(request.times[0] - time.time()) < 10

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=str)
    def test_ends_in_order_when_told(self, start, sink, number):
        agent = start(sink.url)
        sink.wait_for(1)

        code, log, seconds = stop(agent, number)

        assert code == 0
        assert seconds < 2
        assert "stopped: 0 samples left unsent" in log

    def test_outlives_its_terminal_under_nohup(self, start, sink):
        agent = start(sink.url, hangup=signal.SIG_IGN)
        sink.wait_for(1)

        agent.send_signal(signal.SIGHUP)

        assert sink.wait_for(3)
        assert agent.poll() is None

    def test_a_server_away_costs_no_sample(self, start, make_sink, free_port):
        agent = start(f"http://127.0.0.1:{free_port}")
        time.sleep(4)
        sink = make_sink(free_port)

        code, log, _ = stop(agent)

        times = [time for request in sink.received for time in request.times]
        assert len(times) == len(set(times)) >= 3
        assert max(b - a for a, b in pairwise(sorted(times))) < 2
        assert log.count("server unreachable (Connection refused)") == 1
        assert code == 0

    def test_keeps_on_disk_what_it_could_not_send(self, start, make_sink, free_port, tmp_path):
        agent = start(f"http://127.0.0.1:{free_port}")
        time.sleep(3)
        code, log, seconds = stop(agent)
        sink = make_sink(free_port)
        start(sink.url)

        requests = sink.wait_for(1)

        assert code == 0
        assert seconds < 5
        assert re.search(r"stopped: ([2-9]) samples left unsent, \1 of them kept on disk", log)
        assert len(requests[0].times) >= 2

    def test_ends_within_5_seconds_though_the_server_hangs(self, start, sink, reply):
        sink.script(reply(act=lambda handler: time.sleep(20)))
        agent = start(sink.url)
        sink.wait_for(1)

        code, log, seconds = stop(agent)

        assert code == 0
        assert seconds < 5
        assert "samples left unsent" in log
        assert "stopped: 0 samples" not in log

    def test_never_logs_the_token(self, start, sink, reply, secret):
        sink.script(reply(401), reply(500))
        agent = start(sink.url)
        sink.wait_for(1)

        _, log, _ = stop(agent)

        assert secret[12:30] not in log
        assert "token refused" in log

    def test_obeys_the_servers_interval(self, start, sink, reply):
        following = {"accepted": 1, "duplicate": 0, "next": {"interval_seconds": 900}}
        sink.script(reply(body=following))
        agent = start(sink.url)
        sink.wait_for(1)
        time.sleep(0.2)

        _, log, _ = stop(agent)

        assert "a sample every 900 s from now on" in log

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
    def test_has_no_file_open_to_write_and_no_port_open(self, start, sink):
        agent = start(sink.url)
        sink.wait_for(2)

        process = Path(f"/proc/{agent.pid}")
        opened = [str(link.readlink()) for link in (process / "fd").iterdir()]
        listening = [
            line
            for table in ("tcp", "tcp6")
            for line in (process / "net" / table).read_text().splitlines()
            if " 0A " in line and any(f"socket:[{line.split()[9]}]" == link for link in opened)
        ]
        assert listening == []
        assert [link for link in opened if link.startswith("/") and link != "/dev/null"] == []


class TestImportHttpClient:
    def loaded(self, url):
        """Return what a fresh Python has loaded with the whole agent for `url`."""
        code = (
            "import sys; from tara_agent.lean import import_http_client;"
            f"import_http_client({url!r}); import tara_agent.agent; print(*sys.modules);"
            "import hashlib; hashlib.sha256(b'')"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env={"PYTHONPATH": str(SOURCE)},  # bare: a coverage tool would load modules itself
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return set(done.stdout.split())

    def test_leaves_out_what_plain_http_does_not_need(self):
        loaded = self.loaded("http://localhost")

        assert "http.client" in loaded
        assert not loaded & {"ssl", "_ssl", "_hashlib"}

    def test_keeps_tls_for_https(self):
        assert self.loaded("https://localhost") >= {"http.client", "ssl", "_ssl"}

    def test_hides_nothing_for_longer_than_that(self):
        with lean._without("tara_no_such_module"):
            assert sys.modules["tara_no_such_module"] is None

        assert "tara_no_such_module" not in sys.modules
