"""History: what is written or damaged while it is read neither doubles nor hides a sample."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from metrics import history, hotlog, queries, sealing
from metrics.models import Chunk, Tier
from metrics.names import SeriesKey
from tests import factories
from tests.stored import samples_of

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = T0 + timedelta(days=2)
CPU = SeriesKey("cpu_percent", "")


@pytest.fixture
def sent(agent) -> dict[int, float]:
    """Two days of a sample every 20 minutes, none of it sealed."""
    rows = {}
    for number in range(144):
        at = T0.timestamp() - 86_400 + number * 1200
        sample = factories.sample(at, cpu_percent=float(number % 50))
        factories.store(agent, sample, received_at=LATER)
        rows[round(at * 1000)] = float(number % 50)
    return rows


def counted(agent, *, points: int) -> float:
    """Return the sum of the means over the days that were sent."""
    start, end = T0 - timedelta(days=1), T0 + timedelta(days=1)
    page = queries.series(agent, ["cpu_percent"], start=start, end=end, points=points)
    return float(np.nansum(page.series[CPU].mean))


def spoil(tier: Tier) -> None:
    """Change one byte of the header of each chunk of a tier."""
    for chunk in Chunk.objects.filter(tier=tier):
        data = bytearray(chunk.data)
        data[9] ^= 1
        Chunk.objects.filter(pk=chunk.pk).update(data=bytes(data))


class TestSealedWhileItIsRead:
    def test_is_there_once(self, agent, sent, monkeypatch):
        sealing.seal(now=T0)  # what is sealed next joins a chunk that is listed already
        read = hotlog.read
        turns = iter([True])

        def read_and_seal(*arguments, **options):
            found = read(*arguments, **options)
            if next(turns, False):
                sealing.seal(now=LATER)
            return found

        monkeypatch.setattr(hotlog, "read", read_and_seal)

        assert samples_of(agent.pk)[CPU] == sent

    def test_for_ever_is_told_and_still_answered(self, agent, sent, monkeypatch, caplog):
        shelves = iter(range(100))
        monkeypatch.setattr(history, "shelf", lambda *_, **__: [next(shelves)])
        monkeypatch.setattr(history, "_plan", lambda *_: [])

        assert samples_of(agent.pk)[CPU] == sent
        assert "sealed faster than it is read" in caplog.text


class TestDamage:
    def test_of_a_tier_costs_its_days_only(self, agent, sent, caplog):
        sealing.seal(now=LATER)
        whole = counted(agent, points=600)
        assert whole == sum(sent.values())
        first = Chunk.objects.filter(tier=Tier.FIVE_MINUTES).order_by("start_ms")[0]

        Chunk.objects.filter(pk=first.pk).update(data=b"\0" * 40)

        assert 0 < counted(agent, points=600) < whole
        assert f"chunk {first.pk} is damaged" in caplog.text

    def test_of_a_series_costs_that_one_only(self, agent, caplog):
        for number in range(400):
            at = T0.timestamp() + number * 7
            values = {"cpu_percent": number % 17 / 10, "disk_used_bytes": {"/": number**3}}
            factories.store(agent, factories.sample(at, **values), received_at=LATER)
        sealing.seal(now=LATER)
        chunk = Chunk.objects.get(tier=Tier.RAW)
        data = bytearray(chunk.data)
        data[-10] ^= 1  # in the last column
        Chunk.objects.filter(pk=chunk.pk).update(data=bytes(data))

        def found(*metrics: str) -> set[SeriesKey]:
            span = {"start": T0, "end": T0 + timedelta(hours=1), "points": 241}
            return set(queries.series(agent, metrics, **span).series)

        assert found("cpu_percent", "disk_used_bytes") == {CPU}
        assert found("disk_used_bytes") == set()
        assert "disk_used_bytes /" in caplog.text

    def test_of_hours_is_kept_aside_and_they_are_made_anew(self, agent, sent):
        sealing.seal(now=LATER)
        spoil(Tier.ONE_HOUR)
        Chunk.objects.filter(tier=Tier.FIVE_MINUTES).update(is_rolled_up=False)
        assert counted(agent, points=49) > 0

        sealing.seal(now=LATER)

        assert Chunk.objects.filter(tier=Tier.DAMAGED).exists()
        means = sum(sent.values()) / 3
        assert counted(agent, points=49) == pytest.approx(means)
