"""Values that serve everybody for some seconds."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.brief import Brief


class Counter:
    """Makes 1, 2, 3 and so on."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        return self.made


class TestBrief:
    def test_makes_a_value_once_in_its_time(self):
        asked_at = iter([100.0, 100.0, 101.9, 102.0, 102.0, 103.9])
        brief: Brief[int] = Brief(seconds=2, at_most=5, clock=lambda: next(asked_at))
        make = Counter()

        assert [brief.get("key", make) for _ in range(4)] == [1, 1, 2, 2]

    def test_is_made_by_one_of_many_who_ask_at_once(self):
        brief: Brief[int] = Brief(seconds=60, at_most=5)
        everybody, make = threading.Barrier(4), Counter()

        def slowly() -> int:
            threading.Event().wait(0.05)
            return make()

        def ask(_: int) -> int:
            everybody.wait(timeout=5)
            return brief.get("key", slowly)

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(ask, range(4))) == [1, 1, 1, 1]

    def test_forgets_what_was_not_asked_for_the_longest(self):
        brief: Brief[int] = Brief(seconds=60, at_most=2)
        make = Counter()
        for key in ("old", "kept", "old", "new"):
            brief.get(key, make)

        assert brief.get("old", make) == 1
        assert brief.get("kept", make) == 4

    def test_keeps_nothing_of_what_failed(self):
        brief: Brief[int] = Brief(seconds=60, at_most=2)
        with pytest.raises(ZeroDivisionError):
            brief.get("key", lambda: 1 // 0)

        assert brief.get("key", lambda: 7) == 7
