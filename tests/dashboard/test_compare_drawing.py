"""How a comparison is drawn: histories, scales, and the times of an axis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dashboard.compare.drawing import drawing_of, moments, top_of
from dashboard.compare.heat import Scale
from dashboard.compare.history import History
from dashboard.compare.measures import MEASURES


def history(values: list[float]) -> History:
    mean = np.array(values, dtype=float)
    return History(list(range(len(values))), 1, mean, mean - 1, mean + 1)


class TestHistory:
    def test_sums_up_what_there_is(self):
        found = history([*range(100), float("nan")])

        assert found.average == 49.5
        assert found.p95 == pytest.approx(94.05)
        assert (found.lowest, found.highest) == (-1, 100)

    def test_has_no_figures_of_nothing(self):
        assert history([float("nan")]).p95 is None
        assert history([]).average is None


class TestDrawing:
    def test_keeps_a_gap_a_gap(self):
        drawn = drawing_of(history([0, 50, float("nan"), 100]), 100)

        assert drawn.line == "M0 399L1 200M3 1L4 1"
        assert drawn.width == 3

    @pytest.mark.parametrize(
        ("highest", "top"),
        [(0, 1), (7, 8), (99, 100), (311e6, 320e6), (-5, 1), (0.011, 0.012), (5e-324, 1)],
    )
    def test_ends_its_scale_on_a_round_number(self, highest, top):
        assert top_of([highest, None], MEASURES["received"]) == pytest.approx(top)

    def test_ends_a_share_at_100(self):
        assert top_of([12.0], MEASURES["cpu"]) == 100


class TestScale:
    @pytest.mark.parametrize(
        ("value", "level"), [(None, 0), (-1, 1), (0, 1), (20, 2), (89.9, 5), (90, 6), (400, 6)]
    )
    def test_has_levels_of_a_share(self, value, level):
        assert Scale.of(MEASURES["cpu"], [50]).level(value) == level

    def test_rises_though_all_is_below_nothing(self):
        starts = Scale.of(MEASURES["temperature"], [-20.0, -5.0]).starts

        assert list(starts) == sorted(starts)

    def test_has_equal_steps_up_to_the_highest_of_a_rate(self):
        scale = Scale.of(MEASURES["received"], [6e6, 1e6])

        assert [scale.level(value) for value in (0, 1e6, 5.9e6, 6e6)] == [1, 2, 6, 6]
        assert scale.legend(MEASURES["received"])[0] == (1, "0\u00a0bit/s to 1\u00a0Mbit/s")


class TestMoments:
    @pytest.mark.parametrize(
        ("span", "clocks"),
        [
            (timedelta(hours=1), ["09:20", "09:30", "09:40", "09:50", "10:00", "10:10"]),
            (timedelta(hours=24), ["12:00", "16:00", "20:00", "00:00", "04:00", "08:00"]),
            (timedelta(days=7), ["00:00"] * 4),
        ],
        ids=["hour", "day", "week"],
    )
    def test_are_round_times(self, span, clocks):
        end = datetime(2026, 11, 25, 10, 12, 30, tzinfo=UTC)

        assert [f"{each.at:%H:%M}" for each in moments(end - span, end)] == clocks

    def test_lie_where_they_are_in_the_range(self):
        end = datetime(2026, 11, 25, 12, tzinfo=UTC)

        found = {each.at.hour: each.x for each in moments(end - timedelta(hours=24), end)}

        assert (found[0], found[4]) == (50, 66.67)
