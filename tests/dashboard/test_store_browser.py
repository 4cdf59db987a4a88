"""The merging of replies, in the browser's own module."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NOTHING_NEW = {"start": 100, "end": 140, "step": 10, "agent": {"interval_seconds": 10}}


class TestStore:
    """The merging of replies, in the module itself."""

    def merged(self, page: Page, *updates: dict[str, Any]) -> Any:
        columns = {"a|": {"mean": [1, 2, 3, 4]}}
        charts: list[Any] = []
        whole = {**NOTHING_NEW, "first": 100, "count": 4, "charts": charts, "columns": columns}
        return self.held(page, whole, *updates)

    def held(self, page: Page, whole: dict[str, Any], *updates: dict[str, Any]) -> Any:
        return page.evaluate(
            """async ([whole, updates]) => {
              const { Store } = await import("/static/dashboard/js/store.js");
              const store = new Store();
              store.replace(whole);
              const fits = updates.map((update) => store.merge(update));
              const { times, resume } = store;
              return { fits, times, resume, mean: store.reply.columns["a|"].mean };
            }""",
            [whole, updates],
        )

    def update(self, **changes: Any) -> dict[str, Any]:
        base = {**NOTHING_NEW, "end": 150, "first": 120, "count": 3}
        return {**base, "columns": {"a|": {"mean": [3, 5, 6]}}, **changes}

    def test_replaces_the_bucket_that_was_filling_and_appends(self, plain_page):
        held = self.merged(plain_page, self.update())

        assert held["mean"] == [1, 2, 3, 5, 6]
        assert held["times"] == [100, 110, 120, 130, 140]

    def test_draws_nothing_twice_when_replies_overlap(self, plain_page):
        once = self.merged(plain_page, self.update())

        assert self.merged(plain_page, self.update(), self.update())["mean"] == once["mean"]

    def test_lets_the_oldest_go(self, plain_page):
        held = self.merged(plain_page, self.update(start=125))

        assert (held["times"], held["mean"]) == ([120, 130, 140], [3, 5, 6])

    def test_keeps_a_gap_for_a_line_that_sent_nothing(self, plain_page):
        held = self.merged(plain_page, self.update(columns={}))

        assert held["mean"] == [1, 2, None, None, None]

    def test_asks_for_the_last_buckets_again(self, plain_page):
        assert self.merged(plain_page)["resume"] == {"after": 110, "step": 10}

    @pytest.mark.parametrize(
        ("mean", "asked_from"),
        [
            ([1, 2, 3, 4, 5, 6], 130),
            ([1, None, 3, 4, 5, 6], 130),
            ([1, 2, None, None, None, None], 120),
            ([1, None, None, 4, 5, 6], 110),
            ([None, None, None, 4, 5, 6], 130),
            ([None] * 6, 100),
            ([1, None, None, *range(100)], 1_100),
        ],
        ids=[
            *("nothing missing", "one sample lost on the way", "down", "back"),
            *("before its first sample", "nothing at all", "long ago"),
        ],
    )
    def test_asks_again_for_what_may_have_come_late(self, plain_page, mean, asked_from):
        whole = {**NOTHING_NEW, "spacing": 10, "first": 100, "count": len(mean)}

        held = self.held(plain_page, {**whole, "columns": {"a|": {"mean": mean}}})

        assert held["resume"] == {"after": asked_from, "step": 10}

    @pytest.mark.parametrize(
        "changes",
        [
            {"step": 20},
            {"first": 125},
            {"first": 90},
            {"first": 160},
            {"columns": {"new|": {"mean": [1, 1, 1]}}},
        ],
        ids=["another step", "off the grid", "before", "a hole between", "a line not met yet"],
    )
    def test_refuses_what_does_not_fit(self, plain_page, changes):
        held = self.merged(plain_page, self.update(**changes))

        assert held["fits"] == [False]
        assert held["mean"] == [1, 2, 3, 4]
