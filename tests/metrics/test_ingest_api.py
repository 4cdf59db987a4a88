"""POST /api/v1/ingest/ through the URL: who may, what is taken, what is refused and how."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from agents import facts, minting, tokens
from agents.models import Agent, AgentToken
from metrics import queries
from metrics.models import AgentState, Batch
from tests import factories
from tests.conftest import INGEST, AgentApi

pytestmark = pytest.mark.django_db


def now() -> float:
    return round(time.time(), 3)


class TestTokens:
    """A refusal is always the same 401, whatever is wrong with the token."""

    def refusal(self, client, header: str | None):
        extra = {} if header is None else {"HTTP_AUTHORIZATION": header}
        return client.post(INGEST, b"{}", content_type="application/json", **extra)

    def headers(self, agent: Agent) -> list[str | None]:
        live = factories.make_token(agent)
        revoked = factories.make_token(agent)
        tokens.revoke(AgentToken.objects.latest("pk"), now=timezone.now())
        expired = factories.make_token(agent, expires_at=timezone.now() - timedelta(seconds=1))
        disabled = factories.make_token(factories.make_agent("off", enabled=False))
        return [
            *(None, "", "Bearer", "Bearer ", "Bearer nonsense", f"Basic {live}", f"Token {live}"),
            *(f"Bearer {token}" for token in (revoked, expired, disabled, minting.AGENT.mint())),
            *(f"Bearer {live} x", f"Bearer {live[:-1]}", "Bearer \udcff", "Bearer é" * 20),
        ]

    def test_every_refusal_is_the_same_401_with_a_challenge(self, client, agent: Agent):
        answers = [self.refusal(client, header) for header in self.headers(agent)]

        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}

    def test_a_session_is_no_agent(self, admin_client):
        assert self.refusal(admin_client, None).status_code == 401

    def test_a_refusal_writes_nothing(self, client, agent: Agent, django_assert_num_queries):
        # BEGIN, the token, COMMIT.
        with django_assert_num_queries(3):
            self.refusal(client, f"Bearer {minting.AGENT.mint()}")

    def test_identity_comes_from_the_token_not_the_body(self, agent_api: AgentApi):
        other = factories.make_agent("other")

        agent_api.send(factories.sample(now()), agent_id="other", agent={"hostname": "other"})

        assert queries.latest(other) is None
        assert queries.latest(agent_api.agent) is not None


class TestAnswer:
    def test_says_what_became_of_each_sample(self, agent_api: AgentApi):
        at = now()

        answer = agent_api.send(factories.sample(at), factories.sample(at + 3600))

        content = answer.json()
        assert answer.status_code == 200
        assert content.pop("server_time") == pytest.approx(time.time(), abs=5)
        assert content == {
            "accepted": 1,
            "duplicate": 0,
            "rejected": [[1, "future"]],
            "next": {"interval_seconds": 10, "batch": 1},
        }

    def test_tells_the_interval_that_people_set(self, agent_api: AgentApi):
        Agent.objects.update(interval_seconds=30)

        answer = agent_api.send(factories.sample(now()))

        assert answer.json()["next"]["interval_seconds"] == 30

    def test_names_twenty_rejected_samples_at_most(self, agent_api: AgentApi):
        future = [factories.sample(now() + 3600 + index) for index in range(30)]

        assert len(agent_api.send(*future).json()["rejected"]) == 20

    def test_knows_its_length(self, agent_api: AgentApi):
        answer = agent_api.send(factories.sample(now()))

        assert answer["Content-Length"] == str(len(answer.content))

    def test_carries_the_security_headers(self, agent_api: AgentApi, client):
        for answer in (agent_api.send(factories.sample(now())), client.post(INGEST)):
            assert "default-src 'none'" in answer["Content-Security-Policy"]

    def test_get_is_not_allowed(self, agent_api: AgentApi):
        assert agent_api.get(INGEST).status_code == 405


class TestIdempotency:
    def test_keeps_a_resent_sample_once(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at))

        answer = agent_api.send(factories.sample(at, cpu_percent=99.0))

        assert (answer.json()["accepted"], answer.json()["duplicate"]) == (0, 1)
        assert queries.latest(agent_api.agent).value("cpu_percent") == 12.5

    def test_keeps_what_is_new_in_another_batching(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at - 20), factories.sample(at - 10))

        again = agent_api.send(factories.sample(at - 10), factories.sample(at))

        assert (again.json()["accepted"], again.json()["duplicate"]) == (1, 1)
        assert sum(batch.sample_count for batch in Batch.objects.all()) == 3

    def test_takes_a_time_twice_in_one_body_once(self, agent_api: AgentApi):
        at = now()

        answer = agent_api.send(factories.sample(at), factories.sample(at))

        assert (answer.json()["accepted"], answer.json()["duplicate"]) == (1, 1)

    def test_fills_a_gap_that_older_samples_left(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at))

        answer = agent_api.send(factories.sample(at - 10), factories.sample(at - 20))

        assert answer.json()["accepted"] == 2

    def test_a_replay_does_not_make_newer_samples_forgotten(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at))
        agent_api.send(factories.sample(at - 60))

        assert agent_api.send(factories.sample(at)).json()["duplicate"] == 1

    def test_agents_do_not_share_times(self, agent_api: AgentApi):
        at = now()
        other = factories.make_agent("other")
        factories.store(other, factories.sample(at))

        assert agent_api.send(factories.sample(at)).json()["accepted"] == 1


class TestQueryCount:
    def test_a_live_request_takes_four_statements(
        self, agent_api: AgentApi, django_assert_num_queries
    ):
        agent_api.send(factories.sample(now()))

        # BEGIN, batch, state, COMMIT.
        with django_assert_num_queries(4):
            agent_api.send(factories.sample(now() + 1))

    def test_two_more_where_somebody_else_has_written(
        self, agent_api: AgentApi, django_assert_num_queries
    ):
        agent_api.send(factories.sample(now()))
        Agent.objects.update(notes="moved to another rack")

        # BEGIN, token, state, batch, state, COMMIT.
        with django_assert_num_queries(6):
            agent_api.send(factories.sample(now() + 1))


class TestFacts:
    def test_are_kept_on_the_agent(self, agent_api: AgentApi):
        sent = {"hostname": "web-1", "os": "Debian 12", "cpu_count": 8, "version": "1.0.0"}

        agent_api.send(factories.sample(now()), agent=sent)

        agent = Agent.objects.get()
        assert (agent.hostname, agent.os, agent.cpu_count) == ("web-1", "Debian 12", 8)
        assert (agent.agent_version, agent.address) == ("1.0.0", "127.0.0.1")

    def test_are_cleaned_of_what_could_harm_a_reader(self, agent_api: AgentApi):
        name = "a\u202eb\x00c\x1b[31m<script>\u0007" + "x" * 10_000

        agent_api.send(factories.sample(now()), agent={"hostname": name})

        hostname = Agent.objects.get().hostname
        assert hostname.startswith("abc[31m<script>x")
        assert len(hostname) == 255

    def test_that_stand_already_are_not_written(self, agent_api: AgentApi):
        agent_api.send(factories.sample(now()), agent={"hostname": "web-1"})

        assert not facts.record(agent_api.agent.pk, {"hostname": "web-1"})


class TestState:
    def test_follows_the_newest_live_sample(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at - 10, cpu_percent=1.0))
        agent_api.send(factories.sample(at, cpu_percent=2.0))

        latest = queries.latest(agent_api.agent)

        assert latest.value("cpu_percent") == 2.0
        assert latest.at.timestamp() == pytest.approx(at)

    def test_a_replayed_sample_does_not_become_the_latest(self, agent_api: AgentApi):
        agent_api.send(factories.sample(now() - 600, cpu_percent=99.0))

        assert queries.latest(agent_api.agent) is None
        assert AgentState.objects.get().last_seen_ms / 1000 == pytest.approx(time.time(), abs=5)

    def test_of_a_machine_whose_clock_is_slow_is_live_by_its_own_clock(self, agent_api: AgentApi):
        slow = now() - 3600

        agent_api.send(factories.sample(slow, cpu_percent=7.0), sent_at=slow + 1)

        assert queries.latest(agent_api.agent).value("cpu_percent") == 7.0
        standing = queries.standing(agent_api.agent, now=timezone.now())
        assert standing.is_clock_wrong
        assert standing.clock_skew_seconds == pytest.approx(3599, abs=5)

    def test_of_a_clock_that_was_ahead_gives_way_once_it_is_right(self, agent_api: AgentApi):
        agent_api.send(factories.sample(now() + 240, cpu_percent=99.0))

        agent_api.send(factories.sample(now(), cpu_percent=11.0))

        assert queries.latest(agent_api.agent).value("cpu_percent") == 11.0

    def test_an_older_sample_does_not_replace_the_latest(self, agent_api: AgentApi):
        at = now()
        agent_api.send(factories.sample(at, cpu_percent=2.0))

        agent_api.send(factories.sample(at - 10, cpu_percent=1.0))

        assert queries.latest(agent_api.agent).value("cpu_percent") == 2.0

    def test_keeps_processes_skew_backlog_and_drops(self, agent_api: AgentApi):
        processes = [{"pid": 1, "name": "init\x07", "cpu_percent": 1.5, "memory_bytes": 9}]
        sample = {**factories.sample(now()), "processes": processes}

        agent_api.send(sample, sent_at=now() - 30, backlog=7, dropped={"a": 2, "b": 3})

        state = AgentState.objects.get()
        assert state.clock_skew_ms == pytest.approx(30_000, abs=5_000)
        assert (state.backlog, state.dropped) == (7, 5)
        assert queries.latest(agent_api.agent).processes[0].name == "init"

    def test_keeps_the_processes_seen_last_until_others_come(self, agent_api: AgentApi):
        at = now()
        seen = [{"pid": 1, "name": "init", "cpu_percent": 1.5, "memory_bytes": 9}]

        agent_api.send({**factories.sample(at - 20), "processes": seen}, factories.sample(at - 10))
        agent_api.send(factories.sample(at))

        latest = queries.latest(agent_api.agent)
        assert [process.name for process in latest.processes] == ["init"]
        assert latest.processes_at.timestamp() == pytest.approx(at - 20, abs=0.001)
