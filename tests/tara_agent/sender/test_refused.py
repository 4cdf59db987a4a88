"""What becomes of a batch that the server does not want as it is."""

import json

import pytest

from tara_agent.sender import PLAIN_SECONDS

TOO_LARGE = {"code": "too_large", "detail": "The body is larger than 262144 bytes."}
UNREADABLE = {"code": "json", "detail": "The body is not JSON."}


def with_processes(sample):
    """Return the sample with what only the newest one is asked for."""
    content = json.loads(sample.encoded) | {"processes": [{"pid": 1, "name": "init"}]}
    return sample._replace(encoded=json.dumps(content).encode())


class TestBatchRefused:
    @pytest.mark.parametrize("status", [400, 422])
    def test_tries_an_unreadable_batch_once_more_then_goes_on(
        self, agent, sink, reply, status, sent
    ):
        sink.script(reply(status, UNREADABLE), reply(status, UNREADABLE))
        agent.take(1)
        agent.step()
        agent.take(2)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [1], [2]]
        assert sink.received[2].body["dropped"] == {"queue_full": 0, "rejected": 1}

    def test_keeps_a_batch_that_is_readable_after_all(self, agent, sink, reply, sent):
        sink.script(reply(400, UNREADABLE))
        agent.take(1, 2)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1, 2], [1, 2]]
        assert len(agent.backlog) == 0

    def test_an_outage_between_does_not_cost_the_batch(self, agent, sink, reply, sent):
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
    def test_halves_a_batch_that_is_too_large(self, agent, sink, reply, status, sent):
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

    def test_keeps_a_sample_that_a_proxy_finds_too_large(self, agent, sink, reply, sent):
        sink.script(reply(413))
        agent.take(1)
        agent.step()
        agent.step()

        assert [sent(request) for request in sink.received] == [[1], [1]]
        assert sink.received[1].body["dropped"] == {"queue_full": 0}

    def test_sends_a_sample_that_is_too_large_alone_without_its_extras(
        self, agent, sink, reply, sample
    ):
        sink.script(reply(413, TOO_LARGE))
        agent.backlog.put(with_processes(sample(1)))
        agent.step()
        agent.step()

        whole, bare = (request.body["samples"][0] for request in sink.received)
        assert "processes" in whole
        assert bare == {name: whole[name] for name in ("time", "values")}
        assert len(agent.backlog) == 0

    def test_gives_it_up_when_that_does_not_help(self, agent, sink, reply, sample):
        sink.script(reply(413, TOO_LARGE), reply(413, TOO_LARGE))
        agent.backlog.put(with_processes(sample(1)))
        agent.step()
        agent.step()

        assert len(agent.backlog) == 0
        assert agent.step() == 0
        assert len(sink.received) == 2

    def test_gives_up_a_sample_that_is_too_large_alone(self, agent, sink, reply, sent):
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
