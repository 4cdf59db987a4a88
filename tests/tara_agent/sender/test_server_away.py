"""What is kept while the server does not take it, and sent when it does again."""

import pytest


class TestServerAway:
    @pytest.mark.parametrize(
        "status", [408, 429, 500, 502, 503, 404, 405, 301, 308, 401, 403, 426, 204]
    )
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

    def test_sends_the_newest_first_then_the_rest_in_order(
        self, agent, sink, reply, sent, is_a_drain_pause
    ):
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

    def test_asks_every_hour_where_it_is_too_old(self, agent, sink, reply, caplog):
        sink.script(*[reply(426, headers={"Retry-After": "1"})] * 20)
        agent.take(1)

        waits = [agent.step() for _ in range(20)]

        assert all(3600 <= wait <= 4680 for wait in waits)
        assert len(agent.backlog) == 1
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        assert "install a newer one" in caplog.text

    def test_counts_what_it_could_not_hold(self, agent, sink, reply):
        sink.script(reply(503))
        agent.take(*range(1, 1001))
        agent.step()
        agent.take(1001, 1002)

        agent.step()

        assert sink.received[1].body["dropped"] == {"queue_full": 2}
        assert sink.received[1].body["backlog"] == 999

    def test_loses_none_and_sends_none_twice(self, agent, sink, reply, sent):
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
