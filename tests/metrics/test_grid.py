"""A grid covers what was asked for, with no more buckets than points, whatever the range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from metrics import buckets

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    start=MOMENTS,
    span=st.timedeltas(timedelta(milliseconds=1), timedelta(days=3660)),
    points=st.integers(2, 2000),
    at_least=st.integers(1, 40 * 86_400),
)
def test_a_grid_covers_the_range_in_at_most_as_many_points(start, span, points, at_least):
    grid = buckets.grid(start, start + span, points=points, at_least_seconds=at_least)

    assert grid.start_ms <= start.timestamp() * 1000
    assert grid.end_ms >= int((start + span).timestamp() * 1000)
    assert 1 <= grid.count <= points
    assert grid.step_ms >= 1000 * at_least
    assert grid.start_ms % grid.step_ms == 0
