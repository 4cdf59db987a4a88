"""Retention: what has outlived its days goes, the rest stays."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from metrics import layouts, queries, retention, sealing
from metrics.models import Batch, Chunk, Layout, Tier
from metrics.names import SeriesKey
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
CPU = SeriesKey("cpu_percent", "")


def store_days_ago(agent, days: float) -> None:
    at = NOW - timedelta(days=days)
    factories.store(agent, factories.sample(round(at.timestamp(), 3)), received_at=at)


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """How long each pause was, none of which is made."""
    made: list[float] = []
    monkeypatch.setattr(retention.time, "sleep", made.append)
    return made


class TestPrune:
    def test_drops_what_is_older_than_the_retention(self, agent):
        for days in (9, 7.1, 6.9, 0):
            store_days_ago(agent, days)

        assert retention.prune(now=NOW) == 2
        assert Batch.objects.count() == 2

    def test_of_zero_days_keeps_everything(self, agent, settings):
        settings.RETENTION_RAW_DAYS = 0
        store_days_ago(agent, 4000)

        assert retention.prune(now=NOW) == 0

    def test_works_in_steps(self, agent, monkeypatch):
        monkeypatch.setattr(retention, "ROWS_A_TRANSACTION", 2)
        for days in (8, 9, 10, 11, 12):
            store_days_ago(agent, days)

        assert retention.prune(now=NOW) == 5

    def test_leaves_the_database_to_others_after_each_step(self, pauses, monkeypatch):
        monkeypatch.setattr(retention, "ROWS_A_TRANSACTION", 4)
        for number in range(6):
            store_days_ago(factories.make_agent(f"web-{number}"), 8)

        retention.prune(now=NOW)

        # Not one an agent; what follows may give pages back.
        assert 2 <= len(pauses) <= 3
        assert min(pauses) >= retention.LEFT_TO_OTHERS_SECONDS


class TestTiers:
    def fill(self, agent) -> None:
        for days in (8, 2):
            at = NOW - timedelta(days=days)
            factories.store(agent, factories.sample(round(at.timestamp(), 3)), received_at=at)
        sealing.seal(now=NOW)

    def kept(self) -> set[int]:
        return set(Chunk.objects.values_list("tier", flat=True))

    def test_outlive_the_samples_they_were_made_of(self, agent):
        self.fill(agent)

        retention.prune(now=NOW)
        retention.prune(now=NOW + timedelta(days=20))

        assert self.kept() == {Tier.FIVE_MINUTES, Tier.ONE_HOUR}
        page = queries.series(
            agent, None, start=NOW - timedelta(days=3), end=NOW - timedelta(days=1), points=721
        )
        assert (page.step_seconds, page.tier) == (300, Tier.FIVE_MINUTES)
        assert page.series[CPU].mean[~np.isnan(page.series[CPU].mean)].tolist() == [12.5]

    def test_leave_one_by_one(self, agent):
        self.fill(agent)

        retention.prune(now=NOW + timedelta(days=100))

        assert self.kept() == {Tier.ONE_HOUR}
        page = queries.series(agent, None, start=NOW - timedelta(days=3), end=NOW, points=721)
        assert (page.step_seconds, page.tier) == (3600, Tier.ONE_HOUR)
        assert page.series[CPU].mean[~np.isnan(page.series[CPU].mean)].tolist() == [12.5]
        retention.prune(now=NOW + timedelta(days=1900))
        assert not self.kept()

    def test_go_by_command_too(self, agent, capsys):
        store_days_ago(agent, 8)

        call_command("prune")

        assert capsys.readouterr().out == "Deleted 1 batches and chunks.\n"


@pytest.mark.django_db(transaction=True)
class TestFreedPages:
    def test_go_back_to_the_file_system_many_at_a_time(self, pauses):
        agent = factories.make_agent()
        for number in range(60):
            at = NOW - timedelta(days=8, seconds=number)
            values = {f"m{index}": {str(core): 1.0 for core in range(100)} for index in range(5)}
            factories.store(agent, factories.sample(at.timestamp(), **values), received_at=at)
        before = self.pragma("page_count")

        retention.prune(now=NOW)

        assert self.pragma("freelist_count") == 0
        assert self.pragma("page_count") < before - 40
        assert len(pauses) == 2

    def pragma(self, name: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            return int(cursor.fetchone()[0])


class TestLayouts:
    """What a request's series are called goes once nothing names it, but not at once."""

    @pytest.fixture(autouse=True)
    def _without_pauses(self, pauses):
        pass

    def metrics_left(self) -> set[str]:
        series = layouts.series_of(list(Layout.objects.values_list("pk", flat=True)))
        return {key.metric for keys in series.values() for key in keys}

    def prune(self) -> None:
        retention.prune(now=NOW + retention.LAYOUTS_REST + timedelta(hours=1))

    def test_goes_when_nothing_names_it(self, agent):
        for second, metric in enumerate(("gone_with_its_batch", "newest")):
            factories.store(agent, factories.sample(NOW.timestamp() + second, **{metric: 1.0}))
        Batch.objects.all().delete()

        self.prune()

        assert self.metrics_left() == {"newest"}

    def test_stays_while_a_batch_names_it(self, agent, settings):
        settings.RETENTION_RAW_DAYS = 0
        for back, metric in enumerate(("newest", "hot")):
            at = NOW - timedelta(hours=back)
            factories.store(agent, factories.sample(at.timestamp(), **{metric: 1.0}))

        self.prune()

        assert self.metrics_left() == {"newest", "hot"}

    def test_of_agents_that_do_not_change_costs_no_look_at_the_hot_log(self, agent):
        factories.store(agent, factories.sample(NOW.timestamp(), newest=1.0))

        with CaptureQueriesContext(connection) as captured:
            retention._delete_layouts(made_before=NOW + timedelta(days=1))

        assert not [query for query in captured if "metrics_batch" in query["sql"]]

    def test_stays_for_some_days(self, agent):
        for second, metric in enumerate(("young", "newest")):
            factories.store(agent, factories.sample(NOW.timestamp() + second, **{metric: 1.0}))
        Batch.objects.all().delete()

        retention.prune(now=NOW + retention.LAYOUTS_REST - timedelta(hours=1))

        assert self.metrics_left() == {"young", "newest"}


@pytest.mark.django_db(transaction=True)
class TestLayoutNamedMeanwhile:
    def test_stays(self, agent, pauses, monkeypatch):
        """A batch that comes between the look at the hot log and the lock names it."""
        factories.store(agent, factories.sample(NOW.timestamp(), comes_and_goes=1.0))
        factories.store(agent, factories.sample(NOW.timestamp() + 1, newest=1.0))
        Batch.objects.all().delete()
        named_by_batches = retention._named_by_batches
        turns = iter([True])

        def named(*, after):
            found = named_by_batches(after=after)
            if next(turns, False):
                later = NOW + retention.LAYOUTS_REST
                sample = factories.sample(later.timestamp(), comes_and_goes=2.0)
                factories.store(agent, sample, received_at=later)
                factories.store(agent, factories.sample(later.timestamp() + 1, newest=1.0))
            return found

        monkeypatch.setattr(retention, "_named_by_batches", named)

        retention.prune(now=NOW + retention.LAYOUTS_REST + timedelta(hours=1))

        assert Layout.objects.count() == 2
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA foreign_key_check").fetchall() == []
            assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
