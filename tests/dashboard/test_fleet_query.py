"""What the address of the fleet says, and the drawings in its rows."""

from __future__ import annotations

import pytest

from dashboard.fleet.query import FleetQuery, Paging, headings
from dashboard.sparkline import Sparkline


class TestHeadings:
    def test_turn_the_order_round_and_keep_the_filters(self):
        by_name = {heading.name: heading for heading in headings(FleetQuery(q="x", sort="-cpu"))}

        assert by_name["cpu"].address == "?q=x&sort=cpu"
        assert by_name["cpu"].direction == "descending"
        assert by_name["memory"].address == "?q=x&sort=-memory"
        assert by_name["memory"].direction == ""

    def test_start_on_the_first_page_again(self):
        assert headings(FleetQuery(page=3))[0].address == "?sort=name"


class TestPaging:
    @pytest.mark.parametrize(
        ("total", "asked", "expected"),
        [(0, 1, (1, 1, 0, 0)), (100, 2, (1, 1, 1, 100)), (101, 2, (2, 2, 101, 101))],
    )
    def test_clamps_what_is_asked_for(self, total, asked, expected):
        paging = Paging.of(total, asked=asked)

        assert (paging.number, paging.count, paging.first, paging.last) == expected


class TestSparkline:
    def test_keeps_a_gap_a_gap(self):
        spark = Sparkline.of_percent([0, 50, None, 100, 100])

        assert spark is not None
        assert spark.width == 4
        assert spark.line == "M0 94l1-46M3 2l1 0"
        assert spark.area == "M0 94l1-46V96H0zM3 2l1 0V96H3z"
        assert spark.label == "CPU 0\u00a0% to 100\u00a0% in the last hour"

    def test_is_nothing_without_a_value(self):
        assert Sparkline.of_percent([None, None]) is None
