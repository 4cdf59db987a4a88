"""Tiers: whatever was sealed when, a range in coarse buckets equals what the samples give."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from metrics import buckets, history, sealing, tiers
from metrics.names import SeriesKey
from tests import factories

DAY_SECONDS = 86_400
# The days around it lie in two chunks of an hour's tier.
BORDER = tiers.ONE_HOUR.chunk_start(1_795_000_000_000) // 1000
T0 = datetime.fromtimestamp(BORDER, tz=UTC)
LATER = T0 + timedelta(days=4)

Samples = dict[float, dict[str, float]]


def samples_of(offsets: list[int], values: list[float]) -> Samples:
    """Return samples of two instances, of which the second comes and goes."""
    sent: Samples = {}
    for index, offset in enumerate(offsets):
        first, second = values[index % len(values)], values[(index * 7 + 3) % len(values)]
        sent[BORDER + offset] = {"/": first, "/mnt": second} if index % 3 else {"/": first}
    return sent


def assert_equals_reference(agent, sent: Samples, step: int) -> None:
    start, end = T0 - timedelta(days=3), T0 + timedelta(days=3)
    points = 6 * DAY_SECONDS // step
    # Not by queries.series, which takes longer steps for samples that lie so far apart.
    grid = buckets.grid(start, end, points=points, at_least_seconds=step)
    assert grid.step_ms == step * 1000
    gridded = history.read(agent.pk, grid, metrics=["disk_percent"]).gridded()
    rows = zip(gridded.keys, gridded.minima, gridded.means, gridded.maxima, strict=True)
    columns = {key: row for key, *row in rows}
    for mount in ("/", "/mnt"):
        expected: dict[int, list[float]] = {}
        for moment, values in sent.items():
            if mount in values:
                expected.setdefault(int(moment // step * step), []).append(values[mount])
        series = columns.get(SeriesKey("disk_percent", mount), ([], [], []))
        found = {
            int(time): numbers
            for time, *numbers in zip(grid.times(), *series, strict=bool(len(series[0])))
            if not math.isnan(numbers[1])
        }
        assert found.keys() == expected.keys()
        for time, (low, mean, high) in found.items():
            assert (low, high) == (min(expected[time]), max(expected[time]))
            assert mean == pytest.approx(math.fsum(expected[time]) / len(expected[time]), rel=1e-9)


@pytest.mark.django_db
class TestAnyHistory:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def test_equals_a_plain_reference(self, data):
        # Examples share the test's transaction, and the cache of layouts that goes with it.
        Agent.objects.all().delete()
        agent = factories.make_agent()
        moments = st.integers(-2 * DAY_SECONDS, 2 * DAY_SECONDS - 1)
        near = st.integers(-1800, 1800)
        offsets = data.draw(st.lists(moments | near, min_size=1, max_size=40, unique=True))
        numbers = st.floats(0, 1e6) | st.integers(0, 1000).map(lambda tenths: tenths / 10)
        sent = samples_of(offsets, data.draw(st.lists(numbers, min_size=1, max_size=20)))
        moments_left = [*sent, *data.draw(st.lists(st.sampled_from(list(sent)), max_size=10))]
        while moments_left:
            size = data.draw(st.integers(5, 20))
            batch, moments_left = moments_left[:size], moments_left[size:]
            rows = [factories.sample(moment, disk_percent=sent[moment]) for moment in batch]
            factories.store(agent, *rows, received_at=LATER)
            hours = data.draw(st.none() | st.integers(-50, 60))
            if hours is not None:
                sealing.seal(now=T0 + timedelta(hours=hours))
        for step in (300, 3600, DAY_SECONDS):
            assert_equals_reference(agent, sent, step)
