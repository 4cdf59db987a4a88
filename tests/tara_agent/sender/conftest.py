"""The real sender and transport, with a scripted server and a clock that a test moves."""

from random import Random

import pytest

from tara_agent.backlog import Backlog
from tara_agent.sender import DRAIN_SECONDS, Clocks, Sender
from tara_agent.transport import Transport

FACTS = {"hostname": "web-1"}


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Agent:
    """A sender with its buffer and clock; `step` is the sender's."""

    def __init__(self, sink, token, make_sample):
        self.backlog = Backlog(maximum=1000)
        self.clock = Clock()
        self.intervals = []
        self.times = []
        self.transport = Transport(sink.url, token)
        self.sender = Sender(
            self.backlog,
            self.transport.post,
            facts=lambda: FACTS,
            obey_interval=self.intervals.append,
            learn_time=lambda *args, **options: self.times.append((*args, *options.values())),
            clocks=Clocks(monotonic=self.clock, wall=lambda: 1_700_000_999.0, rng=Random(1)),
        )
        self.step = self.sender.step
        self._make_sample = make_sample

    def take(self, *numbers, **options):
        for number in numbers:
            self.backlog.put(self._make_sample(number, **options))


@pytest.fixture
def agent(sink, token, sample):
    agent = Agent(sink, token, sample)
    yield agent
    agent.transport.close()


@pytest.fixture
def sent():
    """Tell the numbers of the samples in a request."""
    return lambda request: [round(time - 1_700_000_000) for time in request.times]


@pytest.fixture
def is_a_drain_pause():
    return lambda seconds: DRAIN_SECONDS * 0.5 <= seconds <= DRAIN_SECONDS * 1.5
