"""A network that does its worst, between the real sender and the real server."""

import json
import time
from collections import Counter
from random import Random
from urllib.parse import urlsplit

import pytest

from tara_agent.backlog import Backlog
from tara_agent.samples import Sample
from tara_agent.sender import Clocks, Sender
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tests import factories
from tests.tara_agent.lossy import FATES, LossyProxy

SAMPLES = 80
ATTEMPT_SECONDS = 0.3
"""Instead of the sender's 30, so that the test ends; what is tested is that it holds."""
DRAIN_SECONDS = 60


class Fates:
    """Chooses among all fates, none much more often than another; in the end all goes well."""

    def __init__(self, seed):
        self.met = Counter()
        self.is_over = False
        self._rng = Random(seed)

    def __call__(self):
        fate = "pass_on" if self.is_over else self._rng.choice(list(FATES))
        self.met[fate] += 1
        return fate


@pytest.fixture
def fates():
    return Fates(seed=7)


@pytest.fixture
def proxy(live_server, fates):
    address = urlsplit(live_server.url)
    proxy = LossyProxy((address.hostname, address.port), fates)
    yield proxy
    proxy.shutdown()
    proxy.server_close()


@pytest.mark.django_db(transaction=True)
class TestLossyNetwork:
    @pytest.fixture
    def sender(self, proxy, agent, fates):
        """A sender whose waits are over at once; it notes how long each attempt took."""
        transport = Transport(proxy.url, Token(factories.make_token(agent)))

        def post(body, *, encoding, within_seconds):
            began = time.monotonic()
            if fates.is_over:
                return transport.post(body, encoding=encoding, within_seconds=within_seconds)
            try:
                return transport.post(body, encoding=encoding, within_seconds=ATTEMPT_SECONDS)
            finally:
                sender.took.append(time.monotonic() - began)

        clocks = Clocks(rng=Random(1))
        backlog = Backlog()
        sender = Sender(
            backlog, post, facts=dict, obey_interval=lambda seconds: None, clocks=clocks
        )
        sender.backlog = backlog
        sender.took = []
        yield sender
        transport.close()

    def test_costs_no_sample_and_stores_none_twice(self, sender, proxy, fates):
        start = time.time() - SAMPLES
        for number in range(SAMPLES):
            content = {"time": round(start + number, 3), "values": {"load_1m": number}}
            sender.backlog.put(Sample(number + 1, start + number, json.dumps(content).encode()))
            sender.step()
        fates.is_over = True
        until = time.monotonic() + DRAIN_SECONDS
        while len(sender.backlog) and time.monotonic() < until:
            sender.step()

        assert set(fates.met) == set(FATES), "it has met them all"
        assert sum(receipt["accepted"] for receipt in proxy.receipts) == SAMPLES
        assert [receipt["rejected"] for receipt in proxy.receipts if receipt["rejected"]] == []
        assert sum(receipt["duplicate"] for receipt in proxy.receipts) > 0, "some were sent again"
        assert sender.backlog.dropped == {"queue_full": 0}
        assert max(sender.took) < ATTEMPT_SECONDS + 2  # a slow machine may be late, not for ever
