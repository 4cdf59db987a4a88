"""The Server page: who may see it, what it tells, and what it warns of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from dashboard.server import Task, parts_of, troubles_of
from metrics import queries, sealing
from metrics.models import Chunk, IngestMinute, JobRun, Tier
from metrics.runs import HEARTBEAT
from tests.dashboard.samples import store_run
from tests.factories import make_agent

pytestmark = pytest.mark.django_db
PAGE = "/server/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def keeper(viewer) -> Client:
    """Somebody who may see how the server does, and no more."""
    viewer.user_permissions.add(Permission.objects.get(codename="view_server"))
    client = Client()
    client.force_login(viewer)
    return client


def text_of(answer) -> str:
    """Return what a person reads."""
    html = answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def note_run(name: str, **fields) -> None:
    now = timezone.now()
    JobRun.objects.create(
        name=name, **{"started_at": now, "finished_at": now, "lag_seconds": 0.25, **fields}
    )


class TestAccess:
    def test_is_for_those_who_may(self, keeper):
        assert keeper.get(PAGE).status_code == 200
        assert f'href="{PAGE}"' in keeper.get("/").content.decode()

    def test_is_refused_to_others_and_not_offered(self, web):
        answer = web.get(PAGE)

        assert answer.status_code == 403
        assert "may not open this page" in text_of(answer)
        assert f'href="{PAGE}"' not in web.get("/").content.decode()

    def test_is_refused_to_staff_without_the_permission(self, client):
        client.force_login(User.objects.create_user("staff", is_staff=True))

        assert client.get(PAGE).status_code == 403

    def test_leads_strangers_to_the_log_in_page(self, client):
        assert client.get(PAGE)["Location"] == f"/login/?next={PAGE}"
        assert client.get(PAGE, headers=HTMX)["HX-Redirect"] == f"/login/?next={PAGE}"


class TestPage:
    def test_of_a_new_server_says_what_will_come(self, keeper):
        page = text_of(keeper.get(PAGE))

        assert "Nothing is stored yet" in page
        assert "In a year: not enough data yet" in page

    def test_tells_what_is_stored_by_tier(self, keeper):
        store_run(make_agent(), count=30, age_seconds=3 * 3600)
        sealing.seal(now=timezone.now())
        store_run(make_agent("fresh"), count=3)

        page = text_of(keeper.get(PAGE))

        raw = Chunk.objects.filter(tier=Tier.RAW)
        values = f"{sum(chunk.value_count for chunk in raw):,}"
        assert f"Samples Kept for 7 d Rows {len(raw)} Values {values} Size" in page
        assert "5 minutes Kept for 90 d" in page
        assert "Fresh Kept for 1 to 2 h Rows 3" in page
        assert "3 batches" in page

    def test_tells_what_comes_in(self, keeper):
        IngestMinute.objects.create(
            minute_at=timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1),
            process=1,
            requests=1500,
            samples=3000,
            values_stored=180_000,
            p50_us=830,
            p99_us=12_400,
        )

        page = text_of(keeper.get(PAGE))

        assert "10 /s 600 values/s 5 requests/s" in page
        assert "0.83 ms median 12.4 ms for 99 %" in page

    def test_tells_what_the_worker_did(self, keeper):
        note_run(HEARTBEAT)
        note_run("metrics.tasks.seal", detail="999 batches")
        note_run("metrics.tasks.prune", finished_at=None)

        page = text_of(keeper.get(PAGE))

        assert "Worker Running Tasks wait 0.25 s" in page
        assert "Seal finished hours Outcome 999 batches" in page
        assert "Prune what has outlived its retention Outcome Running" in page
        assert "Clear expired sessions Outcome Not yet" in page

    def test_warns_where_the_worker_is_silent(self, keeper):
        page = text_of(keeper.get(PAGE))

        assert "The worker is not running, or hangs." in page
        assert "Worker Silent" in page

    def test_is_a_fragment_to_htmx(self, keeper):
        answer = keeper.get(PAGE, headers=HTMX)

        assert answer.content.decode().startswith('<div id="server"')
        assert "HX-Request" in answer["Vary"]

    def test_takes_the_same_queries_for_any_number_of_agents(
        self, keeper, django_assert_max_num_queries
    ):
        for number in range(10):
            store_run(make_agent(f"web-{number}"), count=2, age_seconds=3 * 3600)
        sealing.seal(now=timezone.now())
        cache.clear()

        # Session, user and rights are four of them.
        with django_assert_max_num_queries(18):
            keeper.get(PAGE)


class TestParts:
    def test_fill_the_bar(self):
        store_run(make_agent(), count=30, age_seconds=3 * 3600)
        sealing.seal(now=timezone.now())

        parts = list(parts_of(queries.storage(now=timezone.now())))

        assert [part.name for part in parts] == [
            *("hot", "raw", "five-minutes", "one-hour", "rest", "free")
        ]
        assert sum(part.width for part in parts) == pytest.approx(100, abs=0.1)
        assert parts[-1].offset + parts[-1].width == pytest.approx(100, abs=0.1)

    def test_name_what_is_damaged_where_there_is_some(self):
        figures = queries.storage(now=timezone.now())
        tiers = [replace(each, chunks=1) for each in figures.tiers]

        parts = parts_of(replace(figures, tiers=tiers))

        assert "damaged" in [part.name for part in parts]

    @pytest.mark.parametrize(("days", "kept"), [(7, "7\u00a0d"), (0, "ever")])
    def test_say_for_how_long(self, settings, days, kept):
        settings.RETENTION_5M_DAYS = days

        parts = {part.name: part for part in parts_of(queries.storage(now=timezone.now()))}

        assert parts["five-minutes"].kept == kept
        assert parts["rest"].kept == ""


class TestTroubles:
    def of(self, *tasks: Task, is_worker_alive: bool = True, **changes) -> str:
        now = timezone.now()
        figures = replace(queries.storage(now=now), **changes)
        return " ".join(troubles_of(figures, tasks, is_worker_alive=is_worker_alive, now=now))

    def test_are_none_of_a_server_that_is_well(self):
        hour_ago = timezone.now() - timedelta(minutes=125)

        assert self.of(oldest_hot_at=hour_ago, year_bytes=1) == ""

    def test_are_samples_that_wait_for_long(self):
        assert "waited 3" in self.of(oldest_hot_at=timezone.now() - timedelta(hours=3))

    def test_are_tasks_that_failed(self):
        note_run("metrics.tasks.seal", ok=False, detail="KeyError")
        [run] = queries.last_runs().values()

        assert "“Seal” failed: KeyError." in self.of(Task("Seal", run))

    def test_are_a_disk_that_will_be_full(self):
        assert "full within a year" in self.of(year_bytes=2 * 10**18)

    def test_are_days_that_cannot_be_read(self):
        damaged = queries.TierFigures(Tier.DAMAGED, chunks=2)

        assert "2 stored days could not be read" in self.of(tiers=[damaged])
