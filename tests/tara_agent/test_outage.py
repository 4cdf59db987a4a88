"""The server away for a day, then back: the real sender and spool, and the real server."""

import json
import time
import zlib
from random import Random

import pytest

from tara_agent.answers import Answer
from tara_agent.backlog import Backlog
from tara_agent.errors import ServerUnreachable
from tara_agent.samples import Sample
from tara_agent.sender import Clocks, Sender
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Spool
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tests import factories

SAMPLES = 8640
INTERVAL_SECONDS = 10


class Server:
    """The real server, behind a cable that can be pulled; notes what it stored."""

    def __init__(self, transport):
        self.transport = transport
        self.is_away = True
        self.stored = []
        self.duplicates = 0
        self.times = []

    def post(self, body, *, encoding, within_seconds):
        if self.is_away:
            raise ServerUnreachable("ConnectionError")
        answer: Answer = self.transport.post(body, encoding=encoding)
        assert answer.status == 200
        receipt = json.loads(answer.body)
        self.duplicates += receipt["duplicate"]
        self.stored.append(receipt["accepted"])
        plain = zlib.decompress(body, 31) if encoding else body
        self.times += [sample["time"] for sample in json.loads(plain)["samples"]]
        return answer


@pytest.fixture
def server(live_server, agent):
    transport = Transport(live_server.url, Token(factories.make_token(agent)))
    yield Server(transport)
    transport.close()


@pytest.mark.django_db(transaction=True)
class TestADayWithoutTheServer:
    def test_loses_none_sends_none_twice_and_is_drained_within_a_minute(
        self, server, agent, tmp_path, caplog
    ):
        now = int(time.time())
        clock = [0.0]
        spool = Spool(Folder(tmp_path / "spool"))
        backlog = Backlog(spool, monotonic=lambda: clock[0])
        sender = Sender(
            backlog,
            server.post,
            facts=dict,
            obey_interval=lambda seconds: None,
            clocks=Clocks(monotonic=lambda: clock[0], wall=lambda: now, rng=Random(1)),
        )
        caplog.set_level("INFO")
        next_step = 0.0
        for number in range(SAMPLES):
            clock[0] = number * INTERVAL_SECONDS
            taken_at = now - (SAMPLES - 1 - number) * INTERVAL_SECONDS
            values = {"load_1m": number, "disk_percent": {f"/mnt/{n}": 12.5 for n in range(40)}}
            encoded = json.dumps({"time": taken_at, "values": values}).encode()
            backlog.put(Sample(number + 1, taken_at, encoded))
            backlog.keep()
            if clock[0] >= next_step:
                next_step = clock[0] + sender.step()
        assert len(spool) == SAMPLES
        server.is_away = False

        began, paused = time.perf_counter(), 0.0
        while len(backlog):
            paused += sender.step()
        seconds = time.perf_counter() - began + paused

        assert sum(server.stored) == SAMPLES
        assert server.stored[0] == 1
        assert server.times[0] == now
        assert server.times[1:] == sorted(set(server.times) - {now})
        assert server.duplicates == 0
        assert backlog.dropped == {"queue_full": 0}
        assert seconds < 60
        assert len(caplog.records) == 2
        spool.close()
