"""Uptime: the days without the silences that no sample came from later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from agents.models import Agent
from metrics.models import AgentEvent, AgentState
from metrics.queries import EventKind, Uptime, uptimes
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
DAY = timedelta(days=1)


def tell(agent: Agent, kind: EventKind, ago: timedelta, after: str = "") -> None:
    at_ms = round((NOW - ago).timestamp() * 1000)
    AgentEvent.objects.create(agent=agent, at_ms=at_ms, kind=kind, after=after)


def silence(agent: Agent, *, ago: timedelta, lasting: timedelta, kept: str = "") -> None:
    tell(agent, EventKind.LOST, ago)
    tell(agent, EventKind.BACK, ago - lasting, kept)


def heard(agent: Agent, *, ago: timedelta = timedelta()) -> None:
    """Have the agent heard of, and no event of it."""
    at = NOW - ago
    factories.store(agent, factories.sample(at.timestamp()), received_at=at)
    AgentEvent.objects.all().delete()


def uptime(agent: Agent, days: int = 10, now: datetime = NOW) -> Uptime:
    return uptimes([agent], days=days, now=now)[agent.pk]


@pytest.fixture
def old(agent: Agent) -> Agent:
    """An agent that has reported for a year."""
    heard(agent)
    tell(agent, EventKind.FIRST, 365 * DAY)
    return agent


class TestUptimes:
    def test_without_a_silence_is_whole(self, old):
        assert uptime(old) == Uptime(100, (100,) * 10)

    def test_lacks_a_silence_in_all_and_in_its_day(self, old):
        silence(old, ago=2.5 * DAY, lasting=0.25 * DAY)

        found = uptime(old)

        assert found.percent == pytest.approx(97.5)
        assert found.days == pytest.approx((*[100.0] * 7, 75.0, 100.0, 100.0))

    def test_parts_a_silence_between_days(self, old):
        silence(old, ago=3.5 * DAY, lasting=2 * DAY)

        assert uptime(old).days[6:9] == pytest.approx((50.0, 0.0, 50.0))

    def test_counts_what_lies_within_the_days_only(self, old):
        silence(old, ago=12 * DAY, lasting=3 * DAY)

        assert uptime(old).percent == pytest.approx(90)

    def test_counts_no_silence_whose_samples_came_later(self, old):
        silence(old, ago=2 * DAY, lasting=DAY, kept="8640")

        assert uptime(old).percent == 100

    def test_counts_a_silence_that_goes_on(self, old):
        AgentState.objects.update(last_seen_ms=(NOW - DAY).timestamp() * 1000, deadline_ms=1)

        assert uptime(old).percent == pytest.approx(90)

    def test_counts_none_of_an_agent_that_is_paused(self, old):
        AgentState.objects.update(last_seen_ms=(NOW - DAY).timestamp() * 1000, deadline_ms=1)
        old.enabled = False

        assert uptime(old).percent == 100

    def test_begins_with_the_first_report(self, agent):
        heard(agent)
        tell(agent, EventKind.FIRST, 2 * DAY)
        silence(agent, ago=DAY, lasting=0.5 * DAY)

        found = uptime(agent)

        assert found.percent == pytest.approx(75)
        assert found.days[:8] == (None,) * 8
        assert found.days[8:] == pytest.approx((100.0, 50.0))

    def test_has_no_entry_for_what_never_reported(self, agent):
        assert uptimes([agent], days=10, now=NOW) == {}

    def test_takes_two_queries_for_any_number(self, django_assert_num_queries):
        agents = [factories.make_agent(f"web-{number}") for number in range(20)]
        for each in agents:
            heard(each)

        with django_assert_num_queries(2):
            assert len(uptimes(agents, days=90, now=NOW)) == 20
