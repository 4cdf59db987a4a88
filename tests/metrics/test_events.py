"""Events: what ingest learns of an agent beside its samples, and how long that is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from agents.models import Agent
from metrics import events, queries
from metrics.ingest import store_batch
from metrics.models import AgentEvent
from metrics.queries import Event, EventKind
from tests import factories
from tests.conftest import AgentApi

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
FACTS = {
    "hostname": "web-1",
    "os": "Debian 12",
    "kernel": "6.1.0",
    "boot_id": "first",
    "version": "1.0.0",
    "cpu_count": 4,
    "memory_total_bytes": 8 * 2**30,
}


def report(
    agent: Agent, at: datetime, facts=None, *, address: str = "10.0.0.1", backlog: int = 0
) -> None:
    """Have the agent report at a moment."""
    store_batch(
        factories.identity_of(agent),
        factories.parsed(factories.sample(at.timestamp()), agent=facts or {}, backlog=backlog),
        received_at=at,
        address=address,
    )


def told(agent: Agent, *, now: datetime = NOW) -> list[Event]:
    """Return what happened within the last day, oldest first."""
    day = timedelta(days=1)
    return queries.events(agent, start=NOW - day, end=NOW + day, now=now)[::-1]


class TestContact:
    def test_of_a_new_agent_is_its_first_event(self, agent):
        report(agent, NOW)

        assert told(agent) == [Event(NOW, EventKind.FIRST)]

    def test_that_goes_on_is_none(self, agent):
        for seconds in (0, 10, 20, 100):
            report(agent, NOW + timedelta(seconds=seconds))

        assert [event.kind for event in told(agent)] == [EventKind.FIRST]

    def test_that_was_lost_is_told_when_it_is_back(self, agent):
        report(agent, NOW - timedelta(minutes=30))
        report(agent, NOW)

        lost, back = told(agent)[1:]
        assert (lost.kind, lost.at) == (EventKind.LOST, NOW - timedelta(minutes=30))
        assert (back.kind, back.at, back.after) == (EventKind.BACK, NOW, "")

    def test_tells_how_much_was_kept_meanwhile(self, agent):
        report(agent, NOW - timedelta(minutes=30))
        report(agent, NOW, backlog=179)

        assert told(agent)[-1].after == "179"

    def test_that_is_lost_now_is_told_without_a_report(self, agent):
        report(agent, NOW)

        later = told(agent, now=NOW + timedelta(hours=1))

        assert later[-1] == Event(NOW, EventKind.LOST)
        assert AgentEvent.objects.count() == 1

    def test_is_not_missed_in_an_agent_that_is_disabled(self, agent):
        report(agent, NOW)
        agent.enabled = False

        assert told(agent, now=NOW + timedelta(hours=1))[-1].kind == EventKind.FIRST


class TestFacts:
    @pytest.mark.parametrize(
        ("change", "event"),
        [
            ({"boot_id": "second"}, Event(NOW, EventKind.REBOOT, "first", "second")),
            ({"kernel": "6.1.1"}, Event(NOW, EventKind.KERNEL, "6.1.0", "6.1.1")),
            ({"os": "Debian 13"}, Event(NOW, EventKind.SYSTEM, "Debian 12", "Debian 13")),
            ({"version": "1.1.0"}, Event(NOW, EventKind.VERSION, "1.0.0", "1.1.0")),
            ({"hostname": "web-9"}, Event(NOW, EventKind.HOSTNAME, "web-1", "web-9")),
            ({"cpu_count": 8}, Event(NOW, EventKind.CORES, "4", "8")),
            (
                {"memory_total_bytes": 2**34},
                Event(NOW, EventKind.MEMORY, "8589934592", "17179869184"),
            ),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_that_change_are_events(self, agent, change, event):
        report(agent, NOW - timedelta(seconds=10), FACTS)
        report(agent, NOW, FACTS | change)

        assert told(agent)[1:] == [event]

    def test_have_an_event_for_a_new_address(self, agent):
        report(agent, NOW - timedelta(seconds=10), FACTS)
        report(agent, NOW, FACTS, address="10.0.0.2")

        assert told(agent)[1:] == [Event(NOW, EventKind.ADDRESS, "10.0.0.1", "10.0.0.2")]

    def test_that_are_new_or_gone_or_say_little_are_none(self, agent):
        report(agent, NOW - timedelta(seconds=20), {"hostname": "web-1"})
        report(agent, NOW - timedelta(seconds=10), FACTS)
        report(agent, NOW, FACTS | {"kernel": "", "cpu_model": "other"})

        assert [event.kind for event in told(agent)] == [EventKind.FIRST]

    def test_are_forgotten_with_a_request_that_fails(self, agent_api: AgentApi):
        sample = factories.sample(NOW.timestamp())
        agent_api.send(sample, agent=FACTS)

        agent_api.send({"time": "no number"}, agent=FACTS | {"kernel": "6.1.1"})

        assert [event.kind for event in told(agent_api.agent)] == [EventKind.FIRST]

    def test_go_with_their_agent(self, agent):
        report(agent, NOW)

        agent.delete()

        assert not AgentEvent.objects.exists()


class TestCost:
    def test_is_nothing_where_nothing_happens(self, agent_api: AgentApi, django_assert_num_queries):
        at = timezone.now().timestamp()
        agent_api.send(factories.sample(at), agent=FACTS)

        # BEGIN, the facts that stand, batch, state, COMMIT.
        with django_assert_num_queries(5):
            agent_api.send(factories.sample(at + 1), agent=FACTS)

    def test_of_a_change_is_two_statements(self, agent_api: AgentApi, django_assert_num_queries):
        at = timezone.now().timestamp()
        agent_api.send(factories.sample(at), agent=FACTS)

        with django_assert_num_queries(7):
            agent_api.send(factories.sample(at + 1), agent=FACTS | {"boot_id": "second"})


class TestRange:
    def test_is_bounded_by_its_range_and_by_number(self, agent, monkeypatch):
        monkeypatch.setattr(events, "SHOWN_AT_MOST", 3)
        for hours in range(5):
            make(agent, NOW - timedelta(hours=hours))

        found = queries.events(
            agent, start=NOW - timedelta(hours=9), end=NOW - timedelta(minutes=1), now=NOW
        )

        assert [event.at for event in found] == [
            NOW - timedelta(hours=hours) for hours in (1, 2, 3)
        ]


class TestPrune:
    def test_drops_what_is_older_than_its_days(self, agent):
        for days in (401, 400.5, 399, 0):
            make(agent, NOW - timedelta(days=days))

        assert events.prune(now=NOW) == 2
        assert AgentEvent.objects.count() == 2

    def test_keeps_the_newest_of_an_agent_that_has_too_many(self, agent, monkeypatch):
        monkeypatch.setattr(events, "KEPT_OF_AN_AGENT", 3)
        monkeypatch.setattr(events, "ROWS_A_TRANSACTION", 2)
        other = factories.make_agent("other")
        for minutes in range(8):
            make(agent, NOW - timedelta(minutes=minutes))
        make(other, NOW - timedelta(hours=1))

        assert events.prune(now=NOW) == 5
        assert AgentEvent.objects.filter(agent=other).count() == 1
        oldest = AgentEvent.objects.filter(agent=agent).order_by("at_ms").first()
        assert oldest.at_ms == (NOW - timedelta(minutes=2)).timestamp() * 1000


def make(agent: Agent, at: datetime) -> None:
    AgentEvent.objects.create(agent=agent, at_ms=round(at.timestamp() * 1000), kind="reboot")
