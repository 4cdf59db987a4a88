"""Meters of ingest: cheap to count, a row a minute, and rates that are told from the rows."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from metrics import meter
from metrics.meter import IngestMeter, ingest_rates
from metrics.models import IngestMinute
from tests import factories

pytestmark = pytest.mark.django_db
T0 = 1_763_900_040.0  # a whole minute
NOON = datetime.fromtimestamp(T0, tz=UTC)


def one(counted: IngestMeter, *, seconds: float = 0.001, now: float = T0) -> None:
    """Count a request of one sample of 60 values."""
    counted.note(seconds, samples=1, values=60, now=now)


class TestMeter:
    def test_writes_a_row_when_the_minute_is_over(self):
        counted = IngestMeter()
        for second in range(50):
            one(counted, now=T0 + second)

        assert counted.flush_due(T0 + 59) == 0
        assert counted.flush_due(T0 + 60) == 1
        assert counted.flush_due(T0 + 60) == 0

        row = IngestMinute.objects.get()
        assert (row.minute_at, row.requests, row.samples, row.values_stored) == (NOON, 50, 50, 3000)

    def test_writes_a_minute_that_the_next_request_ended(self):
        counted = IngestMeter()
        one(counted)
        one(counted, now=T0 + 60)

        assert counted.flush_due(T0 + 61) == 1
        assert IngestMinute.objects.get().requests == 1

    def test_tells_quantiles_within_five_percent(self):
        counted = IngestMeter()
        for milliseconds in range(1, 101):
            one(counted, seconds=milliseconds / 1000)
        counted.flush_due(T0 + 60)

        row = IngestMinute.objects.get()
        assert row.p50_us == pytest.approx(50_000, rel=0.05)
        assert row.p99_us == pytest.approx(99_000, rel=0.05)

    def test_takes_no_query_while_it_counts(self, django_assert_num_queries):
        counted = IngestMeter()

        with django_assert_num_queries(0):
            one(counted)
            counted.flush_due(T0 + 1)

    @pytest.mark.parametrize("seconds", [0.0, -0.5, 1e-9, 3600.0])
    def test_takes_any_time(self, seconds):
        counted = IngestMeter()
        one(counted, seconds=seconds)

        assert counted.flush_due(T0 + 60) == 1

    def test_loses_none_between_threads(self):
        counted = IngestMeter()
        threads = [
            threading.Thread(target=lambda: [one(counted) for _ in range(2000)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counted.flush_due(T0 + 60)

        assert IngestMinute.objects.get().requests == 8000

    def test_goes_on_where_a_minute_cannot_be_written(self, monkeypatch, caplog):
        def locked(**_: object) -> None:
            raise OperationalError("database is locked")

        counted = IngestMeter()
        one(counted)
        with monkeypatch.context() as patched:
            patched.setattr(IngestMinute.objects, "create", locked)
            assert counted.flush_due(T0 + 60) == 0
        one(counted, now=T0 + 60)

        assert counted.flush_due(T0 + 120) == 1
        assert "were not written" in caplog.text


class TestRates:
    def test_are_of_the_last_five_whole_minutes_and_all_processes(self):
        for minutes_ago in (0, 1, 3, 5, 6):
            for process in (1, 2):
                IngestMinute.objects.create(
                    minute_at=NOON - timedelta(minutes=minutes_ago),
                    process=process,
                    requests=100,
                    samples=600,
                    values_stored=36_000,
                    p50_us=1000 * process,
                    p99_us=10_000 * process,
                )

        rates = ingest_rates(now=NOON + timedelta(seconds=30))

        assert rates.requests_per_second == pytest.approx(600 / 300)
        assert rates.values_per_second == pytest.approx(36_000 * 6 / 300)
        assert rates.p50_seconds == pytest.approx(0.0015)
        assert rates.p99_seconds == pytest.approx(0.020)

    def test_are_zero_where_nothing_came(self):
        rates = ingest_rates(now=NOON)

        assert (rates.samples_per_second, rates.p50_seconds, rates.p99_seconds) == (0, None, None)


def test_old_minutes_are_pruned():
    row = {"process": 1, "requests": 1, "samples": 1, "values_stored": 1, "p50_us": 1, "p99_us": 1}
    for days in (8, 6):
        IngestMinute.objects.create(minute_at=NOON - timedelta(days=days), **row)

    assert meter.prune(now=NOON) == 1


def test_a_request_is_counted_with_what_was_new_in_it(agent_api, monkeypatch):
    counted = IngestMeter()
    monkeypatch.setattr("tarasysdash.lane.ingest_meter", counted)
    sample = factories.sample(time.time(), cpu_percent=1.0, load_1m=2.0)
    agent_api.send(sample)
    agent_api.send(sample, factories.sample(time.time() + 1, cpu_percent=1.0, load_1m=2.0))

    counted.flush_due(time.time() + 60)

    rows = IngestMinute.objects.all()
    assert sum(row.requests for row in rows) == 2
    assert (sum(row.samples for row in rows), sum(row.values_stored for row in rows)) == (2, 4)
