"""What is sent next, and what becomes of it: the real sender and transport, a scripted server."""

from random import Random

import pytest

from tara_agent.backlog import Backlog
from tara_agent.sender import DRAIN_SECONDS, PLAIN_SECONDS, Clocks, Sender
from tara_agent.transport import Transport

FACTS = {"hostname": "web-1"}

TOO_LARGE = {"code": "too_large", "detail": "The body is larger than 262144 bytes."}
UNREADABLE = {"code": "json", "detail": "The body is not JSON."}


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
        self.transport = Transport(sink.url, token)
        self.sender = Sender(
            self.backlog,
            self.transport.post,
            facts=lambda: FACTS,
            obey_interval=self.intervals.append,
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


def sent(request):
    """Return the numbers of the samples in a request."""
    return [round(time - 1_700_000_000) for time in request.times]


def is_a_drain_pause(seconds):
    return DRAIN_SECONDS * 0.5 <= seconds <= DRAIN_SECONDS * 1.5


class TestNormally:
    def test_sends_what_waits_and_drops_it_once_it_is_durable(self, agent, sink):
        agent.take(1, 2)

        assert agent.step() == 0
        assert sent(sink.received[0]) == [1, 2]
        assert len(agent.backlog) == 0

    def test_sends_nothing_when_there_is_nothing(self, agent, sink):
        assert agent.step() == 0
        assert sink.received == []

    def test_sends_100_samples_at_a_time_and_a_pause_between(self, agent, sink):
        agent.take(*range(1, 151))

        assert is_a_drain_pause(agent.step())
        assert agent.step() == 0
        assert [len(request.times) for request in sink.received] == [100, 50]
        assert [request.body["backlog"] for request in sink.received] == [50, 0]

    def test_sends_about_100_kib_at_a_time(self, agent, sink):
        agent.take(*range(1, 11), padding=30_000)

        agent.step()

        assert len(sink.received[0].times) == 3

    def test_compresses_only_what_is_worth_it(self, agent, sink):
        agent.take(1)
        agent.step()
        agent.take(2, padding=2000)
        agent.step()

        assert "Content-Encoding" not in sink.received[0].headers
        assert sink.received[1].headers["Content-Encoding"] == "gzip"
        assert len(sink.received[1].raw) < 500

    def test_tells_the_facts_first_and_every_ten_minutes(self, agent, sink):
        for now in (0, 10, 599, 600, 610):
            agent.clock.now = 1000.0 + now
            agent.take(now)
            agent.step()

        with_facts = ["agent" in request.body for request in sink.received]
        assert with_facts == [True, False, False, True, False]
        assert sink.received[0].body["agent"] == FACTS

    def test_obeys_an_interval_when_it_changes(self, agent, sink, reply):
        receipt = {"accepted": 1, "duplicate": 0, "rejected": []}
        for seconds in (30, 30, 10):
            sink.script(reply(body=receipt | {"next": {"interval_seconds": seconds}}))
        for number in (1, 2, 3):
            agent.take(number)
            agent.step()

        assert agent.intervals == [30, 10]

    def test_obeys_how_many_to_gather(self, agent, sink, reply):
        sink.script(reply(body={"accepted": 1, "duplicate": 0, "next": {"batch": 6}}))
        agent.take(1)

        agent.step()

        assert agent.sender.gather == 6

    def test_says_which_samples_the_server_would_not_take(self, agent, sink, reply, caplog):
        body = {"accepted": 0, "duplicate": 0, "rejected": [[0, "future"]]}
        sink.script(reply(body=body), reply(body=body))
        for number in (1, 2):
            agent.take(number)
            agent.step()

        assert len(caplog.records) == 1
        assert "future" in caplog.text


class TestServerAway:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 404, 405, 301, 308, 401, 403, 204])
    def test_keeps_the_samples(self, agent, sink, reply, status):
        sink.script(reply(status, body=b""))
        agent.take(1, 2, 3)

        assert agent.step() > 0
        assert len(agent.backlog) == 3

    @pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b"{}"], ids=repr)
    def test_keeps_the_samples_when_a_200_is_not_the_servers(self, agent, sink, reply, body):
        sink.script(reply(200, body=body))
        agent.take(1)

        assert agent.step() > 0
        assert len(agent.backlog) == 1

    def test_sends_the_newest_first_then_the_rest_in_order(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(1, 2)
        agent.step()
        agent.take(3, 4)

        pauses = [agent.step(), agent.step()]

        assert [sent(request) for request in sink.received] == [[1, 2], [4], [1, 2, 3]]
        assert is_a_drain_pause(pauses[0])
        assert pauses[1] == 0

    def test_sends_the_same_sample_again_unchanged(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(1)
        agent.step()

        agent.step()

        first, second = sink.received
        assert first.body["samples"] == second.body["samples"]

    def test_tells_the_facts_again_after_a_failure(self, agent, sink, reply):
        sink.script(reply(), reply(503))
        for number in (1, 2, 3):
            agent.take(number)
            agent.step()

        assert "agent" in sink.received[2].body

    def test_waits_longer_each_time(self, agent, sink, reply):
        sink.script(*[reply(503)] * 200)
        agent.take(1)

        waits = [agent.step() for _ in range(200)]

        assert waits[0] <= 5
        assert waits[1] <= 10
        assert 200 < max(waits) <= 300

    def test_honours_a_retry_after(self, agent, sink, reply):
        sink.script(reply(429, headers={"Retry-After": "100"}))
        agent.take(1)

        assert 100 <= agent.step() <= 130

    def test_asks_with_a_refused_token_every_5_to_15_minutes(self, agent, sink, reply, caplog):
        sink.script(*[reply(401, headers={"Retry-After": "1"})] * 20)
        agent.take(1)

        waits = [agent.step() for _ in range(20)]

        assert all(300 <= wait <= 900 for wait in waits)
        assert len(caplog.records) == 1
        assert "gen_token" in caplog.text

    def test_counts_what_it_could_not_hold(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(*range(1, 1001))
        agent.step()
        agent.take(1001, 1002)

        agent.step()

        assert sink.received[1].body["dropped"] == {"queue_full": 2}
        assert sink.received[1].body["backlog"] == 999

    def test_loses_none_and_sends_none_twice(self, agent, sink, reply):
        statuses = [503, 500, 200, 408, 200, 200, 429, 404, 200, 401]
        sink.script(*[reply(status) for status in statuses])
        for number in range(1, 31):
            agent.take(number)
            agent.step()
        while len(agent.backlog):
            agent.step()

        delivered = [
            number
            for request, status in zip(sink.received, statuses + [200] * 100, strict=False)
            if status == 200
            for number in sent(request)
        ]
        assert sorted(delivered) == list(range(1, 31))

    def test_says_so_once_and_once_when_it_is_over(self, agent, sink, reply, caplog):
        caplog.set_level("INFO")
        sink.script(*[reply(503)] * 5)
        for number in range(1, 6):
            agent.take(number)
            agent.step()
        while len(agent.backlog):
            agent.step()

        assert [record.getMessage() for record in caplog.records] == [
            "server unreachable (HTTP 503): buffering samples, trying again by itself",
            "server reachable again: 5 samples replayed",
        ]


class TestBatchRefused:
    @pytest.mark.parametrize("status", [400, 422])
    def test_tries_an_unreadable_batch_once_more_then_goes_on(self, agent, sink, reply, status):
        sink.script(reply(status, UNREADABLE), reply(status, UNREADABLE))
        agent.take(1)
        agent.step()
        agent.take(2)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [1], [2]]
        assert sink.received[2].body["dropped"] == {"queue_full": 0, "rejected": 1}

    def test_keeps_a_batch_that_is_readable_after_all(self, agent, sink, reply):
        sink.script(reply(400, UNREADABLE))
        agent.take(1, 2)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1, 2], [1, 2]]
        assert len(agent.backlog) == 0

    def test_an_outage_between_does_not_cost_the_batch(self, agent, sink, reply):
        sink.script(reply(400, UNREADABLE), reply(503))
        agent.take(1)
        agent.step()
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [1], [1]]
        assert len(agent.backlog) == 0

    def test_says_so_once(self, agent, sink, reply, caplog):
        sink.script(*[reply(400, UNREADABLE)] * 6)
        agent.take(1)
        for number in (2, 3, 4, 5, 6, 7):
            agent.step()
            agent.take(number)

        assert len(caplog.records) == 1

    @pytest.mark.parametrize("status", [411, 413])
    def test_halves_a_batch_that_is_too_large(self, agent, sink, reply, status):
        sink.script(reply(status), reply(status))
        agent.take(*range(1, 9))
        for _ in range(6):
            agent.step()

        assert [sent(request) for request in sink.received] == [
            [1, 2, 3, 4, 5, 6, 7, 8],
            [1, 2, 3, 4],
            [1, 2],
            [3, 4],
            [5, 6],
            [7, 8],
        ]

    def test_keeps_a_sample_that_a_proxy_finds_too_large(self, agent, sink, reply):
        sink.script(reply(413))
        agent.take(1)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [1]]
        assert sink.received[1].body["dropped"] == {"queue_full": 0}

    def test_gives_up_a_sample_that_is_too_large_alone(self, agent, sink, reply):
        sink.script(reply(413, TOO_LARGE))
        agent.take(1)
        agent.step()
        agent.take(2)
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [2]]
        assert sink.received[1].body["dropped"] == {"queue_full": 0, "rejected": 1}

    def test_sends_plain_once_gzip_is_refused_and_remembers(self, agent, sink, reply):
        sink.script(reply(415))
        agent.take(1, padding=3000)
        assert agent.step() == 0
        agent.step()
        agent.take(2, padding=3000)
        agent.step()

        encodings = [request.headers.get("Content-Encoding") for request in sink.received]
        assert encodings == ["gzip", None, None]

    def test_tries_gzip_again_after_a_day(self, agent, sink, reply):
        sink.script(reply(415))
        agent.take(1, padding=3000)
        agent.step()
        agent.clock.now += PLAIN_SECONDS
        agent.step()

        encodings = [request.headers.get("Content-Encoding") for request in sink.received]
        assert encodings == ["gzip", "gzip"]

    def test_keeps_what_is_refused_though_plain(self, agent, sink, reply):
        sink.script(reply(415))
        agent.take(1)

        assert agent.step() > 0
        assert len(agent.backlog) == 1


class TestLastStep:
    def test_sends_the_oldest_even_in_an_outage(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(1, 2, 3)
        agent.step()

        assert agent.sender.last_step(1.0) == 0
        assert sent(sink.received[1]) == [1, 2, 3]

    def test_counts_what_is_left(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(1, 2, 3)

        assert agent.sender.last_step(1.0) == 3


class TestUnexpected:
    def test_keeps_the_batch(self, agent, sink):
        def broken(*args, **options):
            raise RuntimeError("a bug")

        agent.sender._post = broken
        agent.take(1)

        with pytest.raises(RuntimeError):
            agent.step()

        assert len(agent.backlog) == 1
