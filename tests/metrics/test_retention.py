"""Retention: what has outlived its days goes, the rest stays."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from metrics import queries, retention, sealing
from metrics.models import Batch, Chunk, Tier
from metrics.names import SeriesKey
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
CPU = SeriesKey("cpu_percent", "")


def store_days_ago(agent, days: float) -> None:
    at = NOW - timedelta(days=days)
    factories.store(agent, factories.sample(round(at.timestamp(), 3)), received_at=at)


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
    def test_go_back_to_the_file_system(self):
        agent = factories.make_agent()
        for number in range(60):
            at = NOW - timedelta(days=8, seconds=number)
            values = {f"m{index}": {str(core): 1.0 for core in range(100)} for index in range(5)}
            factories.store(agent, factories.sample(at.timestamp(), **values), received_at=at)
        before = self.pragma("page_count")

        retention.prune(now=NOW)

        assert self.pragma("freelist_count") == 0
        assert self.pragma("page_count") < before - 40

    def pragma(self, name: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            return int(cursor.fetchone()[0])
