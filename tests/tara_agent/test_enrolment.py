"""An enrolment key is traded for a token, and whatever goes wrong says what to do."""

import socket
import time

import pytest

from tara_agent import connections, enrolment
from tara_agent.config import Config
from tara_agent.enrolment import enrol
from tara_agent.errors import NotDone

PAGE = b"<!DOCTYPE html><title>Welcome</title>"


@pytest.fixture
def trade(enrolment_key):
    """Trade the key at an address, with some settings."""

    def trade(url, agent_id="web-1", **settings):
        config = Config(url, interval_seconds=10, spool_path=None, **settings)
        return enrol(config, enrolment_key, agent_id)

    return trade


class TestEnrol:
    @pytest.fixture
    def created(self, reply, secret):
        return reply(201, body={"agent_id": "web-1", "token": secret})

    def test_sends_the_key_in_the_body_and_nothing_else(self, sink, created, trade, enrolment_key):
        sink.script(created)

        trade(sink.url)

        request = sink.received[0]
        assert request.path == "/api/v1/enrol/"
        assert request.body == {"key": enrolment_key, "agent_id": "web-1"}
        assert "Authorization" not in request.headers

    def test_returns_the_agent_and_its_token(self, sink, created, trade, secret):
        sink.script(created)

        enrolled = trade(sink.url)

        assert enrolled.agent_id == "web-1"
        assert enrolled.token.secret == secret

    @pytest.mark.parametrize(
        ("status", "body", "text"),
        [
            (401, {"code": "key"}, "gen_enrolment_key"),
            (409, {"code": "exists"}, "gen_token --agent-id web-1 --rotate"),
            (422, {"code": "agent_id"}, "lower case"),
            (421, PAGE, "TARA_ALLOWED_HOSTS"),
            (429, b"", "in a minute"),
            (500, PAGE, "its answer was lost"),
            (503, PAGE, "Its log says why"),
            (200, PAGE, "no taraSysDash that enrols"),
            (301, b"", "no taraSysDash that enrols"),
            (401, PAGE, "no taraSysDash that enrols"),
            (404, {"code": "address"}, "no taraSysDash that enrols"),
            (400, {"code": ["key"]}, "no taraSysDash that enrols"),
            (201, PAGE, "no taraSysDash that enrols"),
            (201, [1], "no taraSysDash that enrols"),
            (201, {"agent_id": "web-1", "token": "tara_x"}, "no taraSysDash that enrols"),
            (201, b"[" * 60_000, "no taraSysDash that enrols"),
        ],
        ids=str,
    )
    def test_says_what_to_do(self, sink, reply, trade, enrolment_key, status, body, text):
        sink.script(reply(status, body=body, headers={"Location": f"{sink.url}/elsewhere"}))

        with pytest.raises(NotDone) as failure:
            trade(sink.url)

        assert text in str(failure.value)
        assert enrolment_key not in str(failure.value)
        assert len(sink.received) == 1

    def test_takes_no_token_that_is_for_another_agent(self, sink, created, trade):
        sink.script(created)

        with pytest.raises(NotDone):
            trade(sink.url, "web-2")

    def test_says_so_where_the_answer_does_not_come(self, sink, reply, trade, monkeypatch):
        monkeypatch.setattr(enrolment, "ATTEMPT_SECONDS", 0.3)
        sink.script(reply(act=lambda handler: time.sleep(1)))

        with pytest.raises(NotDone, match="did not answer in time"):
            trade(sink.url)

    def test_says_so_where_nothing_listens(self, trade):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

        with pytest.raises(NotDone, match="See whether the server runs"):
            trade(f"http://127.0.0.1:{port}")

    def test_says_so_where_https_is_asked_of_plain_http(self, sink, trade):
        with pytest.raises(NotDone, match="or it speaks plain http"):
            trade(sink.url.replace("http:", "https:"))

    def test_sends_nothing_to_a_server_it_cannot_verify(self, tls_sink, trade):
        with pytest.raises(NotDone, match="certificate is not one"):
            trade(tls_sink.url)

        assert tls_sink.received == []

    def test_trusts_an_authority_of_ones_own(self, tls_sink, trade, created, authority):
        tls_sink.script(created)

        assert trade(tls_sink.url, ca_file=authority.certificate).agent_id == "web-1"

    def test_sends_nothing_over_plain_http_to_a_public_address(self, sink, trade, monkeypatch):
        monkeypatch.setattr(connections, "is_public", lambda address: True)

        with pytest.raises(NotDone, match=r"nothing was sent to .* use https"):
            trade(sink.url)

        assert sink.received == []
