"""Agents over the read API: the list, its pages and filters, one agent, its latest values."""

from __future__ import annotations

import pytest
from django.utils import timezone

from agents import facts, provisioning
from tests import factories
from tests.metrics.api.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> None:
    """One agent of each state; `up` has a tag."""
    now = timezone.now().timestamp()
    factories.store(factories.make_agent("up"), factories.sample(now))
    provisioning.ensure_agent("up", tags=["prod"])
    factories.store(factories.make_agent("down"), factories.sample(now - 3600))
    factories.make_agent("paused", enabled=False)
    factories.make_agent("waiting")


class TestAgents:
    def names(self, reader: Reader, **query: object) -> list[str]:
        return [each["agent"] for each in reader.read("agents/", **query)["agents"]]

    def test_are_listed_by_id_with_how_they_are(self, reader: Reader, fleet):
        agents = reader.read("agents/")["agents"]

        assert [(each["agent"], each["status"]) for each in agents] == [
            *(("down", "down"), ("paused", "paused"), ("up", "up"), ("waiting", "waiting")),
        ]

    @pytest.mark.parametrize("status", ["up", "down", "paused", "waiting"])
    def test_of_a_status_are_those_that_say_so(self, reader: Reader, fleet, status):
        assert self.names(reader, status=status) == [status]

    def test_of_a_tag_have_it(self, reader: Reader, fleet):
        assert self.names(reader, tag="prod") == ["up"]
        assert self.names(reader, tag="nothing") == []

    def test_come_in_pages_that_lead_to_each_other(self, reader: Reader):
        wanted = [f"web-{number}" for number in range(7)]
        for name in wanted:
            provisioning.ensure_agent(name, tags=["prod"])

        found, address = [], "/api/v1/agents/?limit=3&tag=prod"
        while address:
            page = reader.get(address).json()
            found.append([each["agent"] for each in page["agents"]])
            address = page["next"]

        assert found == [wanted[:3], wanted[3:6], wanted[6:]]

    def test_take_the_same_queries_for_any_number(self, reader: Reader, django_assert_num_queries):
        for number in range(20):
            provisioning.ensure_agent(f"web-{number}", tags=["prod"])

        # The token; agents, their tags, their states.
        with django_assert_num_queries(4):
            reader.read("agents/")


class TestAgent:
    def test_has_its_facts_and_nothing_for_people_only(self, reader: Reader, agent):
        agent.notes = "the key is under the mat"
        agent.display_name = "Web one"
        agent.save()
        facts.record(agent.pk, {"os": "Debian 12", "cpu_count": 8})
        factories.store(agent, factories.sample(timezone.now().timestamp()))

        answer = reader.get("/api/v1/agents/web-1/")

        told = answer.json()
        assert (told["agent"], told["name"], told["status"]) == ("web-1", "Web one", "up")
        assert (told["os"], told["cpu_count"]) == ("Debian 12", 8)
        assert abs(told["last_seen_at"] - timezone.now().timestamp()) < 5
        assert "mat" not in answer.content.decode()

    def test_says_null_of_what_was_never_heard(self, reader: Reader, agent):
        told = reader.read("agents/web-1/")

        assert (told["last_seen_at"], told["clock_skew_seconds"]) == (None, None)
        assert told["status"] == "waiting"

    @pytest.mark.parametrize("name", ["nobody", "UPPER", "a" * 64, "x\x00y", "é"])
    @pytest.mark.parametrize("rest", ["", "latest/", "series/"])
    def test_that_is_not_there_is_a_404(self, reader: Reader, name, rest):
        answer = reader.get(f"/api/v1/agents/{name}/{rest}")

        assert (answer.status_code, answer.json()["code"]) == (404, "agent")


class TestLatest:
    def test_has_every_value_with_its_unit(self, reader: Reader, agent):
        at = timezone.now().timestamp() // 1
        process = {"pid": 1, "name": "init", "cpu_percent": 1.5, "memory_bytes": 9}
        values = {"cpu_percent": 12.5, "disk_percent": {"/var": 40.0}, "my_metric": 3.0}
        factories.store(agent, {"time": at, "values": values, "processes": [process]})

        assert reader.read("agents/web-1/latest/") == {
            "agent": "web-1",
            "time": at,
            "values": [
                {"metric": "cpu_percent", "instance": "", "unit": "percent", "value": 12.5},
                {"metric": "disk_percent", "instance": "/var", "unit": "percent", "value": 40.0},
                {"metric": "my_metric", "instance": "", "unit": "number", "value": 3.0},
            ],
            "processes": [process],
            "processes_time": at,
        }

    def test_is_empty_before_the_first_report(self, reader: Reader, agent):
        told = reader.read("agents/web-1/latest/")

        assert told == {
            "agent": "web-1",
            "time": None,
            "values": [],
            "processes": [],
            "processes_time": None,
        }


class TestMetrics:
    def test_are_the_catalogue(self, reader: Reader):
        entries = {each["name"]: each for each in reader.read("metrics/")["metrics"]}

        assert entries["disk_percent"]["unit"] == "percent"
        assert entries["disk_percent"]["instance"] == "mount"
        assert entries["cpu_percent"]["maximum"] == 100
