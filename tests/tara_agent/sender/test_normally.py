"""What is sent while the server takes it."""

import zlib

import pytest


class TestNormally:
    def test_sends_what_waits_and_drops_it_once_it_is_durable(self, agent, sink, sent):
        agent.take(1, 2)

        assert agent.step() == 0
        assert sent(sink.received[0]) == [1, 2]
        assert len(agent.backlog) == 0

    def test_sends_nothing_when_there_is_nothing(self, agent, sink):
        assert agent.step() == 0
        assert sink.received == []

    def test_sends_100_samples_at_a_time_and_a_pause_between(self, agent, sink, is_a_drain_pause):
        agent.take(*range(1, 151))

        assert is_a_drain_pause(agent.step())
        assert agent.step() == 0
        assert [len(request.times) for request in sink.received] == [100, 50]
        assert [request.body["backlog"] for request in sink.received] == [50, 0]

    def test_sends_no_more_than_the_server_takes_in_plain_text(self, agent, sink):
        agent.take(*range(1, 11), padding=35_000)

        agent.step()

        assert len(sink.received[0].times) == 7
        plain = zlib.decompress(sink.received[0].raw, 31)
        assert len(plain) < 256 * 1024

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
        assert sink.received[0].body["agent"] == {"hostname": "web-1"}

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

    def test_passes_the_servers_time_on(self, agent, sink, reply):
        receipt = {"accepted": 1, "duplicate": 0}
        sink.script(reply(body=receipt | {"server_time": 1_800_000_000.5}), reply(body=receipt))
        for number in (1, 2):
            agent.take(number)
            agent.step()

        assert agent.times == [(1_800_000_000.5, 1_700_000_999.0, 1_700_000_999.0)]

    def test_says_which_samples_the_server_would_not_take(self, agent, sink, reply, caplog):
        body = {"accepted": 0, "duplicate": 0, "rejected": [[0, "future"]]}
        sink.script(reply(body=body), reply(body=body))
        for number in (1, 2):
            agent.take(number)
            agent.step()

        assert len(caplog.records) == 1
        assert "future" in caplog.text


class TestLastStep:
    def test_sends_the_oldest_even_in_an_outage(self, agent, sink, reply, sent):
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
