"""Retention: what has outlived its days goes, the rest stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from metrics import retention
from metrics.models import Batch
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


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
