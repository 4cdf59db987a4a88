"""Events in sentences, for the page and for its charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.events import told
from metrics.models import AgentEvent
from metrics.queries import Event, EventKind
from tests.dashboard.samples import store_run
from tests.factories import make_agent

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
ADDRESS = "/agents/web-1/events.json"


def happened(agent, *, ago: timedelta, kind: str = "kernel", **fields) -> float:
    """Have something happened to the agent; return when."""
    at = timezone.now() - ago
    AgentEvent.objects.create(
        agent=agent, at_ms=round(at.timestamp() * 1000), kind=kind, **{"after": "new", **fields}
    )
    return at.timestamp()


class TestTold:
    @pytest.mark.parametrize(
        ("event", "text"),
        [
            (Event(AT, EventKind.FIRST), "First report"),
            (Event(AT, EventKind.LOST), "No report from here on"),
            (Event(AT, EventKind.BACK), "Reports again"),
            (Event(AT, EventKind.BACK, "", "1"), "Reports again, with 1 sample kept meanwhile"),
            (Event(AT, EventKind.BACK, "", "8640"), "Reports again, with 8,640 samples kept"),
            (Event(AT, EventKind.REBOOT, "a", "b"), "The machine was restarted"),
            (Event(AT, EventKind.KERNEL, "6.1", "6.2"), "Kernel 6.1 → 6.2"),
            (Event(AT, EventKind.ADDRESS, "10.0.0.1", "::1"), "Address 10.0.0.1 → ::1"),
            (Event(AT, EventKind.MEMORY, str(2**33), str(2**34)), "Memory 8\xa0GiB → 16"),
        ],
        ids=str,
    )
    def test_reads_as_a_sentence(self, event, text):
        assert told(event).text.startswith(text)

    @pytest.mark.parametrize("kind", EventKind)
    def test_knows_every_kind(self, kind):
        assert told(Event(AT, kind, "1", "2")).word


@pytest.mark.django_db
class TestTimeline:
    def test_stands_on_the_page_without_scripts(self, web: Client):
        agent = make_agent("web-1")
        store_run(agent, count=3)
        happened(agent, ago=timedelta(minutes=5), before="6.1", after="6.2")
        happened(agent, ago=timedelta(hours=5), before="5.9", after="6.1")

        page = web.get("/agents/web-1/?range=1h").content.decode()

        assert "Kernel 6.1 → 6.2" in page
        assert "Kernel 5.9 → 6.1" not in page

    def test_escapes_what_agents_say_of_themselves(self, web: Client):
        agent = make_agent("web-1")
        store_run(agent, count=3)
        happened(agent, ago=timedelta(minutes=5), before="<b>", after="<script>")

        page = web.get("/agents/web-1/").content.decode()

        assert "&lt;b&gt; → &lt;script&gt;" in page
        assert "<script>" not in page.split('id="events"')[1].split("</section>")[0]


@pytest.mark.django_db
class TestEventsJson:
    def test_has_what_happened_between(self, web: Client):
        agent = make_agent("web-1")
        at = happened(agent, ago=timedelta(minutes=5), before="6.1", after="6.2")

        answer = web.get(ADDRESS, {"start": at - 60, "end": at + 60}).json()

        (event,) = answer["events"]
        assert event["at"] == pytest.approx(at, abs=0.001)
        assert (event["word"], event["text"]) == ("kernel", "Kernel 6.1 → 6.2")

    @pytest.mark.parametrize(
        "asked",
        [{}, {"start": "x", "end": "1"}, {"start": "nan", "end": "1"}, {"start": "1e30", "end": 1}],
        ids=str,
    )
    def test_refuses_what_is_no_moment(self, web: Client, agent, asked):
        assert web.get(ADDRESS, asked).status_code == 400

    def test_is_not_there_for_nobody(self, web: Client):
        assert web.get(ADDRESS, {"start": 1, "end": 2}).status_code == 404
