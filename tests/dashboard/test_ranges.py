"""Stretches of time: named ranges, from and to, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.ranges import RANGES, WindowForm, up_to
from tests.dashboard.samples import store_run

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DATA = "/agents/web-1/data.json"


def asked(**given: str) -> WindowForm:
    return WindowForm({name.removesuffix("_"): text for name, text in given.items()}, now=NOW)


class TestWindow:
    def test_of_a_range_ends_now(self):
        assert up_to(NOW, RANGES["7d"]).start == NOW - timedelta(days=7)

    def test_takes_from_and_to_in_any_zone(self):
        form = asked(from_="2026-11-25T06:00:00Z", to="2026-11-25T09:00:00+01:00")

        assert form.is_valid()
        assert form.window().start == NOW - timedelta(hours=6)
        assert form.window().end == NOW - timedelta(hours=4)

    def test_takes_what_a_form_without_scripts_sends(self):
        form = asked(from_="2026-11-25T06:00", to="")

        assert form.is_valid()
        assert (form.window().start, form.window().end) == (NOW - timedelta(hours=6), NOW)

    def test_never_reaches_into_the_future(self):
        form = asked(from_="2026-11-25T06:00", to="2026-11-26T06:00")

        assert form.is_valid()
        assert form.window().end == NOW

    @pytest.mark.parametrize(
        ("from_", "to", "error"),
        [
            ("soon", "", "Give a date and time"),
            ("", "2026-11-25T06:00", "Say from when"),
            ("2026-11-25T06:00", "2026-11-25T05:00", "at least 10 seconds after From"),
            ("2026-11-25T06:00", "2026-11-25T06:00:09", "at least 10 seconds after From"),
            ("2026-11-25T12:00:01", "", "lies in the future"),
            ("2001-01-01T00:00", "", "at most 3660 days"),
            ("0001-01-01T00:00+14:00", "", "2000 to 2099"),
            ("2026-11-25T06:00", "9999-12-31T23:59-14:00", "2000 to 2099"),
            ("\x00", "\ud800", "Give a date and time"),
            ("9" * 5000, "", "Give a date and time"),
        ],
    )
    def test_is_refused_in_words(self, from_, to, error):
        form = asked(from_=from_, to=to)

        assert not form.is_valid()
        assert error in str(form.errors)


class TestAddress:
    @pytest.fixture
    def ask(self, web, agent):
        """A function that asks for the data of web-1."""
        return lambda **given: web.get(
            DATA, {name.removesuffix("_"): text for name, text in given.items()}
        )

    def test_shows_what_lies_between(self, agent, ask):
        at = store_run(agent, count=60)
        start, end = (datetime.fromtimestamp(at - back, tz=UTC) for back in (300, 60))

        reply = ask(from_=start.isoformat(), to=end.isoformat()).json()

        held = [value for value in reply["columns"]["cpu_percent|"]["mean"] if value is not None]
        assert (reply["start"], reply["end"]) == (start.timestamp(), end.timestamp())
        assert 23 <= len(held) <= 26

    def test_goes_on_to_its_end_and_no_further(self, agent, ask):
        at = store_run(agent, count=60)
        span: dict[str, Any] = {
            "from_": datetime.fromtimestamp(at - 300, tz=UTC).isoformat(),
            "to": datetime.fromtimestamp(at - 60, tz=UTC).isoformat(),
        }
        whole = ask(**span).json()
        after = int(whole["first"] + (whole["count"] - 3) * whole["step"])

        rest = ask(**span, after=after, step=int(whole["step"])).json()

        assert (rest["charts"], rest["first"], rest["count"]) == (None, after, 3)
        assert rest["end"] == whole["end"]

    def test_answers_400_with_what_is_wrong(self, agent, ask):
        response = ask(from_="soon")

        assert response.status_code == 400
        assert response.json()["errors"]["from"] == [
            "Give a date and time, such as 2026-11-25T06:00:00Z."
        ]

    def test_says_on_the_page_what_is_wrong_and_shows_the_range(self, web, agent):
        store_run(agent, count=1)

        html = web.get("/agents/web-1/", {"from": "2026-11-25T06:00", "to": "x"}).content.decode()

        assert "Give a date and time" in html
        assert 'data-range="15m"' in html

    def test_stands_in_the_page_for_scripts_to_go_on_with(self, web, agent):
        store_run(agent, count=1)
        start = (timezone.now() - timedelta(hours=2)).replace(microsecond=0)

        html = web.get("/agents/web-1/", {"from": start.isoformat()}).content.decode()

        assert f'data-from="{start.timestamp()}" data-to=""' in html
        assert f'value="{start:%Y-%m-%dT%H:%M:%S}"' in html
        assert 'aria-current="true"' not in html[html.index('id="ranges"') :]
