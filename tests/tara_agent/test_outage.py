"""The server away for a day, then back: the real sender and spool, and the real web server.

`python -m pytest -rP tests/tara_agent/test_outage.py` prints how long it took to send the day.
"""

import json
import time
import zlib
from contextlib import contextmanager
from random import Random

import pytest

from benchmarks.processes import wait_for
from benchmarks.server import procfile_line
from tara_agent.backlog import Backlog
from tara_agent.collectors.registry import default_collectors
from tara_agent.samples import Sample, Sampler
from tara_agent.sender import Clocks, Sender
from tara_agent.spool.folder import Folder
from tara_agent.spool.spool import Spool
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tests import processes

SAMPLES = 8640
INTERVAL_SECONDS = 10

MAKE_AGENT = """
import django; django.setup()
from tests import factories
print(factories.make_token(factories.make_agent("web-1")))
"""
TELL_STORED = """
import json
import django; django.setup()
from agents.models import Agent
from metrics.names import SeriesKey
from tests.stored import samples_of
stored = samples_of(Agent.objects.get().pk, "load_1m")[SeriesKey("load_1m", "")]
print(json.dumps(sorted(stored.items())))
"""


class Site:
    """The web server of the Procfile; not running until somebody starts it."""

    def __init__(self, folder):
        self.port = processes.free_port()
        where = {"TARA_HOST": "127.0.0.1", "TARA_PORT": str(self.port)}
        self.environment = processes.product_environment(folder / "var", **where)
        self.log = folder / "web.log"
        processes.python(self.environment, "manage.py", "migrate", "--verbosity=0")
        self.token = processes.python(self.environment, "-c", MAKE_AGENT).strip()

    @contextmanager
    def running(self):
        command = ["sh", "-c", f"exec {procfile_line('web')}"]
        with processes.started(command, self.environment, self.log) as process:
            wait_for(self.port, process)
            yield

    def stored(self):
        """Return (time in milliseconds, load) of all that is in the database, in order."""
        told = json.loads(processes.python(self.environment, "-c", TELL_STORED))
        return [tuple(pair) for pair in told]


class Wire:
    """The real way to the server; notes what went over it."""

    def __init__(self, site):
        self.transport = Transport(f"http://127.0.0.1:{site.port}", Token(site.token))
        self.receipts = []
        self.times = []

    def post(self, body, *, encoding, within_seconds):
        answer = self.transport.post(body, encoding=encoding, within_seconds=within_seconds)
        assert answer.status == 200
        self.receipts.append(json.loads(answer.body))
        plain = zlib.decompress(body, 31) if encoding else body
        self.times += [sample["time"] for sample in json.loads(plain)["samples"]]
        return answer


class Day:
    """An agent that lives through a day on a clock of its own; its samples are this machine's."""

    def __init__(self, folder, wire):
        self.now = int(time.time())
        self.clock = 0.0
        self.spool = Spool(Folder(folder))
        self.backlog = Backlog(self.spool, monotonic=lambda: self.clock)
        self.sender = Sender(
            self.backlog,
            wire.post,
            facts=dict,
            obey_interval=lambda seconds: None,
            clocks=Clocks(lambda: self.clock, lambda: self.now, Random(1)),
        )
        sampler = Sampler(default_collectors())
        sampler.prime(now=0.0)
        taken = sampler.take(now=1.0, time=0.0)
        self.values = json.loads(taken.encoded)["values"]

    def live(self):
        """Take all samples of the day, the last one now, and try to send them."""
        next_step = 0.0
        for number in range(SAMPLES):
            self.clock = number * INTERVAL_SECONDS
            self.backlog.put(self.sample(number))
            self.backlog.keep()
            if self.clock >= next_step:
                next_step = self.clock + self.sender.step()

    def sample(self, number):
        taken_at = self.now - (SAMPLES - 1 - number) * INTERVAL_SECONDS
        content = {"time": taken_at, "values": self.values | {"load_1m": number}}
        return Sample(number + 1, taken_at, json.dumps(content, separators=(",", ":")).encode())

    def drain(self):
        """Send all that waits; return the seconds it took, pauses included, which nobody waits."""
        began, paused = time.perf_counter(), 0.0
        while len(self.backlog):
            paused += self.sender.step()
        return time.perf_counter() - began + paused


@pytest.fixture(scope="class")
def sent(tmp_path_factory):
    """Live through the day and drain it; return what is to be looked at."""
    folder = tmp_path_factory.mktemp("outage")
    site = Site(folder)
    wire = Wire(site)
    day = Day(folder / "spool", wire)
    day.live()
    day.waiting = len(day.spool)
    with site.running():
        day.seconds = day.drain()
    wire.transport.close()
    day.spool.close()
    print(f"{day.waiting} samples, {len(wire.receipts)} requests, {day.seconds:.1f} s")  # noqa: T201
    return day, wire, site.stored()


class TestADayWithoutTheServer:
    def test_keeps_all_of_it(self, sent):
        day, _, _ = sent

        assert day.waiting == SAMPLES
        assert day.backlog.dropped == {"queue_full": 0}

    def test_loses_none(self, sent):
        day, _, stored = sent

        assert stored == [
            (1000 * (day.now - (SAMPLES - 1 - number) * INTERVAL_SECONDS), number)
            for number in range(SAMPLES)
        ]

    def test_sends_none_twice(self, sent):
        _, wire, _ = sent

        assert len(wire.times) == SAMPLES
        assert sum(receipt["accepted"] for receipt in wire.receipts) == SAMPLES
        assert sum(receipt["duplicate"] for receipt in wire.receipts) == 0

    def test_sends_the_newest_first_and_the_rest_in_order(self, sent):
        day, wire, _ = sent

        assert wire.receipts[0]["accepted"] == 1
        assert wire.times[0] == day.now
        assert wire.times[1:] == sorted(set(wire.times) - {day.now})

    def test_is_over_within_a_minute(self, sent):
        assert sent[0].seconds < 60
