"""What the server says to a token: the real server, and what may stand in its place."""

import time
from email.utils import formatdate

import pytest

from agents.models import Agent
from metrics.models import AgentState, Batch
from tara_agent.answers import Answer
from tara_agent.doctor import server
from tara_agent.doctor.findings import State
from tara_agent.errors import ServerUnreachable
from tara_agent.tokens import Token
from tara_agent.transport import Transport
from tests import factories


def examined(post):
    return {finding.subject: finding for finding in server.examine(post)}


def answering(status, body=b"", date=""):
    return examined(lambda _: Answer(status, body, date=date))


@pytest.mark.django_db(transaction=True)
class TestRealServer:
    @pytest.fixture
    def post(self, live_server):
        transports = []

        def post(secret):
            transports.append(Transport(live_server.url, Token(secret)))
            return transports[-1].post

        yield post
        for transport in transports:
            transport.close()

    def test_accepts_a_good_token_and_stores_nothing(self, post, agent):
        found = examined(post(factories.make_token(agent)))

        assert found["token"].state is State.GOOD
        assert found["clock"].state in {State.GOOD, State.SKIPPED}
        assert not Batch.objects.exists()
        assert not AgentState.objects.filter(last_seen_ms__gt=0).exists()

    def test_refuses_one_that_it_does_not_know(self, post, secret):
        found = examined(post(secret))

        assert found["token"].state is State.FAILED
        assert "gen_token" in found["token"].advice

    def test_refuses_an_agent_that_is_disabled(self, post, agent):
        token = factories.make_token(agent)
        Agent.objects.update(enabled=False)

        assert examined(post(token))["token"].state is State.FAILED


class TestToken:
    @pytest.mark.parametrize(
        ("answer", "state", "seen"),
        [
            ((401,), State.FAILED, "refused (HTTP 401)"),
            ((503,), State.ODD, "the server is busy or down (HTTP 503)"),
            ((404, b"<html>"), State.FAILED, "that is not our server (HTTP 404)"),
            ((302,), State.FAILED, "that is not our server (HTTP 302)"),
            ((200, b"<html>log in"), State.FAILED, "that is not our server (HTTP 200)"),
            (
                (422, b'{"code": "version"}'),
                State.FAILED,
                "the server answers `version` (HTTP 422)",
            ),
        ],
        ids=lambda case: str(case[0]) if isinstance(case, tuple) else "",
    )
    def test_is_told_from_what_else_may_be_wrong(self, answer, state, seen):
        found = answering(*answer)["token"]

        assert (found.state, found.seen) == (state, seen)
        assert found.advice

    def test_cannot_be_told_without_an_answer(self):
        def post(body):
            raise ServerUnreachable("ReadTimeout")

        found = examined(post)

        assert found["token"].state is State.FAILED
        assert found["clock"].state is State.SKIPPED


class TestClock:
    @pytest.mark.parametrize(
        ("behind_seconds", "state", "seen"),
        [
            (0, State.GOOD, "the server"),
            (50, State.GOOD, "s behind the server"),
            (300, State.ODD, "s behind the server"),
            (-300, State.ODD, "s ahead of the server"),
        ],
    )
    def test_is_compared_with_the_servers(self, behind_seconds, state, seen):
        date = formatdate(time.time() + behind_seconds, usegmt=True)

        found = answering(401, date=date)["clock"]

        assert found.state is state
        assert found.seen.endswith(seen)

    @pytest.mark.parametrize("date", ["", "yesterday"])
    def test_is_passed_over_without_a_date(self, date):
        assert answering(401, date=date)["clock"].state is State.SKIPPED


class TestRequest:
    def test_holds_no_sample(self, sink, token):
        list(server.examine(Transport(sink.url, token).post))

        assert [request.body["samples"] for request in sink.received] == [[]]
