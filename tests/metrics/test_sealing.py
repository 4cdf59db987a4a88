"""Sealing: every sample is there once, before, between and after, whatever the order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from metrics import queries, samples, sealing
from metrics.models import Batch, Chunk, Tier
from metrics.names import SeriesKey
from tests import factories
from tests.stored import samples_of

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = T0 + timedelta(days=2)
CPU = SeriesKey("cpu_percent", "")


def at(seconds: float) -> float:
    return T0.timestamp() + seconds


def stored(agent, *metrics: str) -> dict[SeriesKey, dict[int, float]]:
    """Return every sample of the agent, by series and time in ms."""
    return samples_of(agent.pk, *metrics)


def raw_chunks():
    return Chunk.objects.filter(tier=Tier.RAW).order_by("start_ms")


def store(agent, seconds: float, **values) -> None:
    factories.store(agent, factories.sample(at(seconds), **values), received_at=LATER)


class TestSeal:
    def test_moves_finished_hours_into_the_chunk_of_their_day(self, agent):
        for seconds in (-20, -10, 0, 10):
            store(agent, seconds, cpu_percent=float(seconds + 50))

        assert sealing.seal(now=T0 + timedelta(hours=3)) == 4

        assert not Batch.objects.exists()
        assert [chunk.sample_count for chunk in raw_chunks()] == [4]
        assert list(stored(agent, "cpu_percent")[CPU].values()) == [30.0, 40.0, 50.0, 60.0]

    @pytest.mark.parametrize(("minutes", "left"), [(4, 4), (5, 2), (59, 2)])
    def test_takes_an_hour_five_minutes_after_its_end(self, agent, minutes, left):
        for sampled in (-61, -59, -1, 0, 1):
            store(agent, 60 * sampled)

        sealing.seal(now=T0 + timedelta(minutes=minutes))

        assert Batch.objects.count() == left
        assert len(stored(agent, "cpu_percent")[CPU]) == 5

    def test_parts_days(self, agent):
        for hours in (-13, -12, -11, 11, 12):
            store(agent, 3600 * hours)

        sealing.seal(now=LATER)

        assert [chunk.sample_count for chunk in raw_chunks()] == [1, 3, 1]

    def test_run_again_changes_nothing(self, agent):
        store(agent, 0)
        sealing.seal(now=LATER)
        before = list(Chunk.objects.order_by("pk").values())

        assert sealing.seal(now=LATER) == 0
        assert list(Chunk.objects.order_by("pk").values()) == before

    def test_takes_late_samples_into_a_sealed_day(self, agent):
        store(agent, 0, cpu_percent=1.0)
        store(agent, 20, cpu_percent=3.0)
        sealing.seal(now=LATER)
        store(agent, 10, cpu_percent=2.0, load_1m=9.0)

        sealing.seal(now=LATER)

        found = stored(agent, "cpu_percent", "load_1m")
        assert list(found[CPU].values()) == [1.0, 2.0, 3.0]
        assert list(found[SeriesKey("load_1m", "")].values()) == [9.0]
        assert raw_chunks().count() == 1

    def test_works_in_turns(self, agent, monkeypatch):
        monkeypatch.setattr(sealing, "BATCHES_A_TURN", 3)
        for seconds in range(10):
            store(agent, seconds)

        assert sealing.seal(now=LATER) == 10
        assert len(stored(agent, "cpu_percent")[CPU]) == 10


class TestManySeries:
    def test_that_would_fill_memory_stay_in_the_hot_log(self, agent, monkeypatch, caplog):
        monkeypatch.setattr(samples, "CELLS_MAXIMUM", 20)
        for second in range(10):
            store(agent, second, **{f"m{second}": 1.0})
        other = factories.make_agent("other")
        store(other, 0)

        assert sealing.seal(now=LATER) == 1

        assert len(stored(agent, *(f"m{second}" for second in range(10)))) == 10
        assert "too many different series" in caplog.text

    def test_of_large_batches_go_in_smaller_turns(self, agent, monkeypatch):
        monkeypatch.setattr(sealing, "BYTES_A_TURN", 40)
        for second in range(5):
            store(agent, second)

        assert sealing.seal(now=LATER) == 5
        assert len(stored(agent, "cpu_percent")[CPU]) == 5


class TestResentSamples:
    def test_that_are_sealed_are_duplicates(self, agent):
        store(agent, 0, cpu_percent=1.0)
        sealing.seal(now=LATER)

        receipt = factories.store(agent, factories.sample(at(0), cpu_percent=2.0), received_at=T0)

        assert (receipt.accepted, receipt.duplicate) == (0, 1)
        assert list(stored(agent, "cpu_percent")[CPU].values()) == [1.0]


class TestAnyOrder:
    @pytest.mark.parametrize("seed", range(12))
    def test_of_arrival_and_sealing_keeps_each_sample_once(self, agent, seed):
        rng = random.Random(seed)
        mounts = ["/", "/var", "/mnt"]
        sent = {
            at(second): {mount: round(rng.uniform(0, 100), 1) for mount in rng.sample(mounts, 2)}
            for second in rng.sample(range(0, 2 * 86_400, 7), 120)
        }
        moments = [*sent, *rng.sample(list(sent), 30)]
        rng.shuffle(moments)
        while moments:
            count = rng.randint(1, 12)
            batch, moments = moments[:count], moments[count:]
            rows = [factories.sample(moment, disk_percent=sent[moment]) for moment in batch]
            factories.store(agent, *rows, received_at=LATER)
            if rng.random() < 0.4:
                sealing.seal(now=T0 + timedelta(hours=rng.randint(0, 60)))

        expected: dict[SeriesKey, dict[int, float]] = {}
        for moment, values in sorted(sent.items()):
            for mount, value in values.items():
                key = SeriesKey("disk_percent", mount)
                expected.setdefault(key, {})[round(moment * 1000)] = value
        assert stored(agent, "disk_percent") == expected
        sealing.seal(now=LATER + timedelta(days=1))
        assert stored(agent, "disk_percent") == expected
        assert not Batch.objects.exists()


class TestTwoWorkers:
    def test_of_whom_one_is_late_lose_and_double_nothing(self, agent, monkeypatch):
        store(agent, 0, cpu_percent=1.0)
        store(agent, 10, cpu_percent=2.0)
        encode = samples.encode

        def encode_while_another_seals(*arguments):
            monkeypatch.setattr(samples, "encode", encode)
            sealing.seal(now=LATER)
            return encode(*arguments)

        monkeypatch.setattr(samples, "encode", encode_while_another_seals)
        sealing.seal(now=LATER)

        assert list(stored(agent, "cpu_percent")[CPU].values()) == [1.0, 2.0]
        assert raw_chunks().get().sample_count == 2


class TestDamage:
    def spoil(self) -> None:
        chunk = raw_chunks().get()
        data = bytes(chunk.data)
        raw_chunks().update(data=data[:-1] + bytes([data[-1] ^ 1]))

    def fill(self, agent) -> None:
        for second in range(50):
            store(agent, second, cpu_percent=second / 10, load_1m=float(second % 7))
        sealing.seal(now=LATER)
        self.spoil()

    def test_leaves_the_page_its_other_series(self, agent, caplog):
        self.fill(agent)

        page = queries.series(
            agent, ["cpu_percent", "load_1m"], start=T0, end=T0 + timedelta(hours=1), points=400
        )

        assert list(page.series) == [CPU]
        assert "load_1m cannot be read" in caplog.text

    def test_is_set_aside_when_its_day_is_sealed_again(self, agent):
        self.fill(agent)
        store(agent, 60, cpu_percent=99.0)

        sealing.seal(now=LATER)

        assert len(stored(agent, "cpu_percent")[CPU]) == 51
        assert sorted(Chunk.objects.values_list("tier", flat=True)) == Tier.values
