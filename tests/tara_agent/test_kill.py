"""kill -9 during an outage: the real agent, again and again, on one spool.

TARA_AGENT_KILLS sets how often; `make test-agent-kill` takes 200.
"""

import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tara_agent
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Spool

KILLS = int(os.environ.get("TARA_AGENT_KILLS", "20"))
AT_ONCE = 4
INTERVAL_SECONDS = 1


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def live_and_be_killed(folder, secret, port, chance):
    """Run the agent for a few seconds; return when it was killed, in Unix seconds."""
    environ = {
        "PYTHONPATH": str(Path(tara_agent.__file__).parents[1]),
        "AGENT_TOKEN": secret,
        "SERVER_URL": f"http://127.0.0.1:{port}",
        "AGENT_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "AGENT_SPOOL_DIR": str(folder),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tara_agent", "run"],
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as agent:
        assert "started" in agent.stderr.readline()
        time.sleep(chance.uniform(2.6, 4.2))
        agent.kill()
        return time.time()


def kept_in(folder):
    """Return the times of the samples that a new agent finds."""
    spool = Spool(Folder(folder))
    spool.recover()
    samples = spool.peek(count=10**6, size=10**9)
    spool.close()
    return [sample.time for sample in samples]


class TestKill:
    def test_costs_one_sample_at_most(self, tmp_path, secret, closed_port):
        def lives(number):
            """Kill one agent after another; return how many samples each kill has cost."""
            chance, folder, lost = random.Random(number), tmp_path / str(number), []
            seen = 0
            for _ in range(KILLS // AT_ONCE):
                killed_at = live_and_be_killed(folder, secret, closed_port, chance)
                times = kept_in(folder)
                assert times == sorted(times)
                assert len(times) > seen, "earlier samples stay"
                lost.append((killed_at - times[-1]) // INTERVAL_SECONDS)
                seen = len(times)
            return lost

        with ThreadPoolExecutor(AT_ONCE) as pool:
            lost = [count for counts in pool.map(lives, range(AT_ONCE)) for count in counts]

        assert len(lost) == KILLS // AT_ONCE * AT_ONCE
        assert max(lost) <= 1
