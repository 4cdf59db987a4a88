"""Extent and coverage: counted from what chunks say of themselves, as if each was counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from metrics import queries, sealing, tiers
from metrics.models import Batch, Chunk, Tier
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = 3600
DAY = 24 * HOUR
# The days around it lie in two chunks of an hour's tier.
BORDER = tiers.ONE_HOUR.chunk_start(1_795_000_000_000) // 1000
T0 = datetime.fromtimestamp(BORDER, tz=UTC)
NOW = T0 + timedelta(days=5)


def store(agent, *seconds: float, received_at: datetime = NOW) -> None:
    """Store samples so long after T0, at most 500 a request."""
    moments = [BORDER + second for second in seconds]
    for first in range(0, len(moments), 500):
        rows = [factories.sample(moment) for moment in moments[first : first + 500]]
        factories.store(agent, *rows, received_at=received_at)


def every(step: int, *, start: int, end: int) -> range:
    return range(start, end, step)


def outlive(tier: Tier, *, before: datetime) -> None:
    """Drop the chunks of days that began before, as retention does."""
    Chunk.objects.filter(tier=tier, start_ms__lt=before.timestamp() * 1000).delete()


class TestExtent:
    def test_of_nothing_is_none(self, agent):
        store(factories.make_agent("other"), 0)

        assert queries.extent(agent, now=NOW) is None

    def test_of_one_sample_is_that_moment_and_whole(self, agent):
        store(agent, 7)

        found = queries.extent(agent, now=NOW)

        assert (found.first_at, found.last_at) == (T0 + timedelta(seconds=7),) * 2
        assert found.coverage_percent == 100

    @pytest.mark.parametrize("sealed", [False, True])
    def test_tells_what_share_of_the_samples_came(self, agent, sealed):
        store(agent, *every(10, start=0, end=HOUR), *every(10, start=3 * HOUR, end=4 * HOUR))
        if sealed:
            sealing.seal(now=NOW)

        found = queries.extent(agent, now=NOW)

        assert found.last_at == T0 + timedelta(seconds=4 * HOUR - 10)
        assert found.coverage_percent == pytest.approx(50)

    def test_counts_hot_and_sealed_together(self, agent):
        store(agent, *every(10, start=0, end=HOUR))
        sealing.seal(now=T0 + timedelta(hours=3))
        store(agent, *every(10, start=HOUR, end=2 * HOUR))

        found = queries.extent(agent, now=NOW)

        assert Batch.objects.exists()
        assert found.coverage_percent == 100

    def test_is_whole_where_samples_jitter(self, agent):
        store(agent, *(second + 0.004 * (second % 3) for second in every(10, start=0, end=HOUR)))

        assert queries.extent(agent, now=NOW).coverage_percent == 100

    def test_is_no_more_than_whole_where_samples_came_oftener(self, agent):
        store(agent, *every(2, start=0, end=HOUR))

        assert queries.extent(agent, now=NOW).coverage_percent == 100

    @pytest.mark.parametrize("tier", [Tier.RAW, Tier.FIVE_MINUTES], ids=["5 min", "1 h"])
    def test_of_what_outlived_its_samples_is_told_by_buckets(self, agent, tier):
        store(agent, *every(10, start=HOUR, end=3 * HOUR), *every(10, start=5 * HOUR, end=6 * HOUR))
        sealing.seal(now=NOW)
        outlive(Tier.RAW, before=NOW)
        outlive(tier, before=NOW)

        found = queries.extent(agent, now=NOW)

        assert found.first_at == T0 + timedelta(hours=1)
        assert found.coverage_percent == pytest.approx(60)

    def test_does_not_count_a_day_in_two_tiers(self, agent):
        store(agent, *every(60, start=0, end=4 * DAY))
        sealing.seal(now=NOW)
        outlive(Tier.RAW, before=T0 + timedelta(days=3))
        outlive(Tier.FIVE_MINUTES, before=T0 + timedelta(days=2))

        assert queries.extent(agent, now=NOW).coverage_percent == pytest.approx(100 / 6, rel=0.001)

    def test_survives_a_damaged_chunk(self, agent, caplog):
        store(agent, *every(10, start=0, end=HOUR))
        sealing.seal(now=NOW)
        Chunk.objects.filter(tier=Tier.RAW).update(data=b"damage")

        assert queries.extent(agent, now=NOW) is None
        assert "is damaged" in caplog.text

    def test_opens_few_chunks_of_many(
        self, agent, django_assert_max_num_queries, monkeypatch, settings
    ):
        settings.RETENTION_RAW_DAYS = 0
        store(agent, *every(HOUR, start=-40 * DAY, end=4 * DAY))
        sealing.seal(now=NOW)
        outlive(Tier.RAW, before=T0 - timedelta(days=7))
        outlive(Tier.FIVE_MINUTES, before=T0 - timedelta(days=20))
        opened: list[Tier] = []
        counted = queries.extent.__globals__["_counts"]
        monkeypatch.setitem(
            queries.extent.__globals__,
            "_counts",
            lambda data, tier: opened.append(tier) or counted(data, tier),
        )

        with django_assert_max_num_queries(7):
            queries.extent(agent, now=NOW)

        assert Chunk.objects.count() > 35
        assert len(opened) <= 3


class TestCoverage:
    def read(self, agent, *, start: float, end: float) -> float:
        moments = (T0 + timedelta(seconds=second) for second in (start, end))
        return queries.coverage_percent(agent, **dict(zip(("start", "end"), moments, strict=True)))

    def test_of_a_window_counts_what_lies_in_it(self, agent):
        store(agent, *every(10, start=0, end=HOUR))

        assert self.read(agent, start=0, end=HOUR) == 100
        assert self.read(agent, start=HOUR / 2, end=1.5 * HOUR) == 50
        assert self.read(agent, start=HOUR, end=2 * HOUR) == 0

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def test_equals_a_count_of_the_samples_for_any_history(self, data):
        # Examples share the test's transaction, and the cache of layouts that goes with it.
        Agent.objects.all().delete()
        agent = factories.make_agent(interval_seconds=1)
        moments = st.integers(-2 * DAY, 2 * DAY - 1) | st.integers(-HOUR, HOUR)
        sent = data.draw(st.lists(moments, min_size=1, max_size=40, unique=True))
        left = [*sent, *data.draw(st.lists(st.sampled_from(sent), max_size=10))]
        while left:
            size = data.draw(st.integers(1, 20))
            batch, left = left[:size], left[size:]
            store(agent, *batch, received_at=T0 + timedelta(days=3))
            hours = data.draw(st.none() | st.integers(-50, 60))
            if hours is not None:
                sealing.seal(now=T0 + timedelta(hours=hours))
        gone = data.draw(st.integers(-2, 1))
        rolled_up = Chunk.objects.filter(
            is_rolled_up=True, start_ms__lt=(BORDER + gone * DAY) * 1000
        )
        days = set(rolled_up.values_list("start_ms", flat=True))
        Chunk.objects.filter(tier=Tier.RAW, start_ms__in=days).delete()
        if data.draw(st.booleans()):
            rolled_up.delete()

        first, last = sorted(data.draw(st.lists(st.integers(-48, 48), min_size=2, max_size=2)))
        start, end = first * HOUR, (last + 1) * HOUR
        there = [second for second in sent if start <= second < end]
        expected = 100 * len(there) / (end - start)

        assert self.read(agent, start=start, end=end) == pytest.approx(expected)
        found = queries.extent(agent, now=NOW)
        assert (
            timedelta() <= T0 + timedelta(seconds=min(sent)) - found.first_at < timedelta(hours=1)
        )
        assert timedelta() <= T0 + timedelta(seconds=max(sent)) - found.last_at < timedelta(hours=1)
