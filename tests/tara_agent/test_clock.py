"""The time that new samples are stamped with."""

import json
import time

import pytest

from metrics.models import Batch
from tara_agent.answers import receipt_of
from tara_agent.clock import StampClock
from tara_agent.samples import Sample
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tara_agent.wire import Envelope, encode
from tests import factories

START = 1_800_000_000.0


class Times:
    """A machine's two clocks, and a server whose clock is right."""

    def __init__(self):
        self.wall_ahead = 0.0
        self.passed = 0.0
        self.stamp = StampClock(wall=self.wall, monotonic=lambda: 50.0 + self.passed)

    def wall(self):
        return self.right() + self.wall_ahead

    def right(self):
        return START + self.passed

    def hear(self, *, took=0.2):
        """Have an answer come in, whose server looked at its clock halfway."""
        asked_at = self.wall()
        self.passed += took
        self.stamp.learn(self.right() - took / 2, asked_at=asked_at, answered_at=self.wall())


@pytest.fixture
def times():
    return Times()


class TestStampClock:
    @pytest.mark.parametrize("ahead", [0.0, 59.0, -59.0])
    def test_is_this_machines_where_that_is_about_right(self, times, ahead, caplog):
        times.wall_ahead = ahead
        times.hear()

        assert times.stamp() == times.wall()
        assert caplog.records == []

    @pytest.mark.parametrize("ahead", [61.0, -61.0, 86400.0, -56 * 365 * 86400.0])
    def test_is_the_servers_where_it_is_not(self, times, ahead):
        times.wall_ahead = ahead
        assert times.stamp() == times.wall()

        times.hear()

        assert times.stamp() == pytest.approx(times.right(), abs=0.01)

    def test_says_so_once(self, times, caplog):
        times.wall_ahead = 3600.0
        for _ in range(5):
            times.hear()

        (record,) = caplog.records
        assert "is 3600 s ahead of the server's" in record.getMessage()

    def test_does_not_tremble_with_each_answer(self, times):
        times.wall_ahead = 3600.0
        times.hear(took=0.1)
        offset = times.stamp() - times.wall()
        for took in (0.9, 0.2, 3.0):
            times.hear(took=took)
            times.passed += 10

        assert times.stamp() - times.wall() == offset

    def test_believes_no_slow_answer(self, times):
        times.wall_ahead = 3600.0
        times.hear(took=20.0)

        assert times.stamp() == times.wall()

    def test_forgets_what_it_learned_when_the_clock_is_set(self, times):
        times.wall_ahead = 3600.0
        times.hear()
        times.wall_ahead = 0.0

        assert times.stamp() == times.right()

    def test_forgets_it_when_the_clocks_agree_again(self, times):
        times.wall_ahead = 70.0
        times.hear()
        times.wall_ahead = 0.5
        times.hear()

        assert times.stamp() == times.wall()


@pytest.mark.django_db(transaction=True)
class TestRealServer:
    def test_stores_what_a_machine_with_a_wrong_clock_sends(self, live_server, agent):
        def wall():
            return time.time() + 7200

        clock = StampClock(wall=wall)
        transport = Transport(live_server.url, Token(factories.make_token(agent)))
        accepted = []
        for number in (1, 2):
            stamped = round(clock(), 3)
            content = {"time": stamped, "values": {"load_1m": 0.5}}
            sample = Sample(number, stamped, json.dumps(content).encode())
            asked_at = wall()
            answer = transport.post(encode([sample], Envelope(asked_at, dropped={}, backlog=0)))
            receipt = receipt_of(answer.body)
            clock.learn(receipt.server_time, asked_at=asked_at, answered_at=wall())
            accepted.append(json.loads(answer.body)["accepted"])
        transport.close()

        assert accepted == [0, 1]
        assert abs(Batch.objects.get().last_ms / 1000 - time.time()) < 60
