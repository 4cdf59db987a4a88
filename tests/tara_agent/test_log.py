"""How much the agent has to say: the real parts, and clocks that a test moves."""

import json
import logging
from random import Random

import pytest

from tara_agent.answers import Answer
from tara_agent.backlog import Backlog
from tara_agent.errors import ServerUnreachable
from tara_agent.runner import KeeperThread, Runner
from tara_agent.samples import Sampler
from tara_agent.sender import Clocks, Sender
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Spool

HOUR_SECONDS = 3600
START = 1_800_000_000.0


class Bell:
    """Moves the clock instead of waiting; meanwhile lets the other threads' work be done."""

    def __init__(self, meanwhile):
        self.now = 0.0
        self.interval = 0
        self.meanwhile = meanwhile

    def wait(self, seconds):
        self.now += max(0.0, seconds)
        self.meanwhile()
        change, self.interval = self.interval, 0
        return None if self.now >= HOUR_SECONDS else change

    def set_interval(self, seconds):
        self.interval = seconds


class Server:
    """Answers as it does through an hour in which it is away from minute 20 to minute 40."""

    def __init__(self, bell):
        self.bell = bell
        self.accepted = 0

    def post(self, body, *, encoding, within_seconds):
        minute = self.bell.now / 60
        if 20 <= minute < 30:
            raise ServerUnreachable("ConnectionError")
        if 30 <= minute < 40:
            return Answer(503, b"")
        self.accepted += 1
        told = {"accepted": 1, "duplicate": 0, "server_time": START + self.bell.now}
        return Answer(200, json.dumps(told | {"next": {"interval_seconds": 5}}).encode())


@pytest.fixture
def lines_of_an_hour(tmp_path, caplog):
    """Live through the hour with a spool in this folder; return what was logged."""

    def live(folder):
        caplog.set_level(logging.INFO)
        next_step = 0.0

        def meanwhile():
            nonlocal next_step
            keeper._report(backlog.keep())
            if bell.now >= next_step and len(backlog):
                next_step = bell.now + sender.step()

        bell = Bell(meanwhile)
        server = Server(bell)
        clocks = Clocks(lambda: bell.now, lambda: START + bell.now, Random(1))
        spool = Spool(Folder(folder), wall=clocks.wall)
        backlog = Backlog(spool, monotonic=clocks.monotonic)
        keeper = KeeperThread(backlog)
        sender = Sender(
            backlog, server.post, facts=dict, obey_interval=bell.set_interval, clocks=clocks
        )
        Runner(Sampler([]), backlog, bell, interval_seconds=10, seed="a").run(
            monotonic=clocks.monotonic, wall=clocks.wall
        )
        spool.close()
        assert server.accepted > 400, "it has been at work"
        return [record.getMessage() for record in caplog.records]

    return live


class TestAnHourWithAnOutage:
    """Before these lines `run_agent` says that it has started; its end is not in the hour."""

    def test_takes_four_lines(self, lines_of_an_hour, tmp_path):
        lines = lines_of_an_hour(tmp_path / "spool")

        assert len(lines) == 3
        assert lines[0] == "a sample every 5 s from now on, as the server asks"
        assert lines[1].startswith("server unreachable (ConnectionError): buffering")
        assert lines[2].startswith("server reachable again: ")

    def test_takes_one_more_where_the_disk_takes_nothing(self, lines_of_an_hour, tmp_path):
        (tmp_path / "file").write_text("where no folder can be made")

        lines = lines_of_an_hour(tmp_path / "file/spool")

        assert len(lines) == 4
        assert (
            lines.count(
                "the spool takes no samples (Not a directory): the last 1,000 stay in memory"
            )
            == 1
        )
