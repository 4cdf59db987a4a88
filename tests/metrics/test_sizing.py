"""The size to expect: what comes in until then, less what has outlived its tier by then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sizing import FILE_SHARE, Flow, file_bytes_after

NEW = Flow(bytes_per_day=100, keep_days=7, held_bytes=0, held_days=0)


class TestFlow:
    @pytest.mark.parametrize(
        ("keep_days", "after", "expected"),
        [(7, 3, 300), (7, 7, 700), (7, 365, 700), (0, 365, 36_500)],
        ids=["fills", "is full", "stays full", "for ever"],
    )
    def test_of_a_new_server(self, keep_days, after, expected):
        assert replace(NEW, keep_days=keep_days).bytes_after(after) == expected

    @pytest.mark.parametrize(
        ("held_days", "after", "expected"),
        [(10, 0, 5000), (10, 10, 6000), (10, 85, 11_000), (10, 365, 9000), (90, 45, 7000)],
        ids=["today", "all is kept", "half of it is gone", "all of it is gone", "of a full tier"],
    )
    def test_counts_what_is_held_until_it_is_outlived(self, held_days, after, expected):
        held = Flow(bytes_per_day=100, keep_days=90, held_bytes=5000, held_days=held_days)

        assert held.bytes_after(after) == expected

    def test_keeps_what_is_held_where_nothing_is_outlived(self):
        held = Flow(bytes_per_day=0, keep_days=0, held_bytes=5000, held_days=10)

        assert held.bytes_after(36_500) == 5000

    @given(
        per_day=st.integers(0, 1000),
        keep=st.integers(1, 40),
        held=st.lists(st.integers(0, 1000), max_size=40),
        after=st.integers(0, 60),
    )
    def test_equals_a_diary_for_what_came_evenly(self, per_day, keep, held, after):
        held_days = min(len(held), keep)
        level = held[0] if held else 0
        diary = [level] * held_days + [per_day] * after

        flow = Flow(per_day, keep, level * held_days, held_days)

        assert flow.bytes_after(after) == pytest.approx(sum(diary[-keep:]))


def test_the_file_is_all_tiers_and_the_hot_log_with_their_indexes():
    assert file_bytes_after(7, flows=[NEW, NEW], hot_bytes=600) == round(2000 * FILE_SHARE)
