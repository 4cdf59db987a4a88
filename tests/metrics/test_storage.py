"""What is stored, and what that will come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metrics import queries, sealing
from metrics.models import Batch, Chunk, IngestMinute, Tier
from metrics.storage import ROW_BYTES
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def store(agent, *, hours_ago: float, count: int = 1) -> None:
    """Store samples of two series, 10 s apart, the last one so long ago."""
    last = NOW.timestamp() - 3600 * hours_ago
    for back in reversed(range(count)):
        sample = factories.sample(last - 10 * back, cpu_percent=1.0, disk_percent={"/": back})
        factories.store(agent, sample, received_at=NOW)


def meter(*, hours_ago: float, values: int) -> None:
    IngestMinute.objects.create(
        minute_at=NOW - timedelta(hours=hours_ago),
        process=1,
        requests=1,
        samples=1,
        values_stored=values,
        p50_us=1,
        p99_us=1,
    )


def tier(tier: Tier):
    return queries.storage(now=NOW).tiers[list(Tier).index(tier)]


class TestStorage:
    def test_of_an_empty_server_is_nothing(self):
        figures = queries.storage(now=NOW)

        assert (figures.hot_rows, figures.hot_bytes, figures.oldest_hot_at) == (0, 0, None)
        assert [(each.chunks, each.bytes_a_value) for each in figures.tiers] == [(0, None)] * 4
        assert figures.year_bytes is None

    def test_tells_what_is_hot(self, agent):
        other = factories.make_agent("other")
        store(agent, hours_ago=0)
        store(other, hours_ago=1.5)
        store(other, hours_ago=0.5)

        figures = queries.storage(now=NOW)

        assert figures.hot_rows == 3
        # A sample is its time and two values, 8 bytes each.
        assert figures.hot_bytes == 3 * (24 + ROW_BYTES)
        assert figures.oldest_hot_at == NOW - timedelta(hours=1.5)

    def test_tells_what_is_sealed_by_tier(self, agent):
        store(agent, hours_ago=30, count=60)
        store(agent, hours_ago=3, count=60)
        sealing.seal(now=NOW)

        raw, five_minutes, one_hour = (
            tier(each) for each in (Tier.RAW, Tier.FIVE_MINUTES, Tier.ONE_HOUR)
        )

        assert (raw.chunks, raw.values) == (2, 240)
        # Ten minutes touch three buckets of five, and two series have them.
        assert (five_minutes.chunks, five_minutes.values) == (2, 12)
        # Of hours there is only the day that is over.
        assert (one_hour.chunks, one_hour.values) == (1, 4)
        stored = [len(data) for data in Chunk.objects.filter(tier=0).values_list("data", flat=True)]
        assert raw.data_bytes == sum(stored)
        assert raw.bytes_a_value == sum(stored) / 240

    def test_counts_late_samples_in_their_day(self, agent):
        store(agent, hours_ago=3, count=60)
        sealing.seal(now=NOW)
        store(agent, hours_ago=4, count=60)
        sealing.seal(now=NOW)

        assert tier(Tier.RAW).values == 240

    def test_does_not_reckon_with_values_that_were_not_counted(self, agent):
        store(agent, hours_ago=30, count=60)
        store(agent, hours_ago=3, count=60)
        sealing.seal(now=NOW)
        ratio = Chunk.objects.filter(tier=Tier.RAW).latest("start_ms").data_bytes / 120
        older = Chunk.objects.filter(tier=Tier.RAW).earliest("start_ms")
        Chunk.objects.filter(pk=older.pk).update(value_count=0)

        assert tier(Tier.RAW).bytes_a_value == ratio

    def test_tells_the_size_of_the_file_and_of_what_is_free(self):
        figures = queries.storage(now=NOW)

        assert figures.database_bytes > 100_000
        assert 0 <= (figures.free_bytes or 0) < figures.database_bytes
        assert (figures.disk_free_bytes or 0) > 0

    def test_takes_as_many_queries_for_one_agent_as_for_twenty(
        self, agent, django_assert_max_num_queries
    ):
        for number in range(20):
            store(factories.make_agent(f"db-{number}"), hours_ago=3)
        sealing.seal(now=NOW)

        with django_assert_max_num_queries(10):
            queries.storage(now=NOW)


class TestYear:
    def fill(self, agent) -> None:
        store(agent, hours_ago=3, count=600)
        sealing.seal(now=NOW)

    def test_is_not_told_from_less_than_an_hour(self, agent):
        self.fill(agent)
        meter(hours_ago=0.9, values=1200)

        assert queries.storage(now=NOW).year_bytes is None

    def test_is_not_told_before_anything_is_sealed(self, agent):
        meter(hours_ago=2, values=1200)
        store(agent, hours_ago=0)

        assert queries.storage(now=NOW).year_bytes is None
        assert Batch.objects.count() == 1

    def test_is_what_comes_in_by_what_it_takes_and_how_long_it_stays(self, agent, settings):
        settings.RETENTION_RAW_DAYS, settings.RETENTION_5M_DAYS = 7, 90
        settings.RETENTION_1H_DAYS = 0
        self.fill(agent)
        for hours_ago in (2, 1):
            meter(hours_ago=hours_ago, values=600)

        figures = queries.storage(now=NOW)

        # 1,200 values in two hours are 14,400 a day; a bucket of 5 minutes has 30 samples, or
        # fewer at the edges of what was stored.
        raw, fine = figures.tiers[0].bytes_a_value, figures.tiers[1].bytes_a_value
        expected = 14_400 * (7 * raw + 90 * fine / 30 + 365 * fine / 360)
        assert figures.year_bytes == pytest.approx(expected * 1.07, rel=0.1)
