"""One table of cases for the formatter in Python and the one in JavaScript."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.template import Context, Template
from playwright.sync_api import Page

from dashboard import units

NBSP = "\u00a0"
CASES = [
    (name, value, text.replace(" ", NBSP))
    for name, value, text in json.loads((Path(__file__).parent / "units.json").read_text())
]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def drawn(template: str, **context: object) -> str:
    return Template("{% load units %}" + template).render(Context(context))


class TestFormats:
    @pytest.mark.parametrize(("name", "value", "text"), CASES)
    def test_gives_the_text_of_the_table(self, name, value, text):
        assert units.FORMATS[name](value) == text

    def test_the_table_has_every_format(self):
        assert {name for name, _, _ in CASES} == set(units.FORMATS)

    def test_a_filter_draws_a_dash_for_nothing(self):
        assert drawn("{{ value|percent }}", value=None) == "\u2013"


class TestMoment:
    @time_machine.travel(NOW, tick=False)
    def test_reads_as_an_age_with_the_absolute_time_behind_it(self):
        html = drawn("{% moment at %}", at=NOW - timedelta(seconds=4))

        assert f">4{NBSP}s ago<" in html
        assert 'datetime="2026-03-01T11:59:56+00:00"' in html
        assert 'title="2026-03-01 11:59:56 UTC"' in html

    @time_machine.travel(NOW, tick=False)
    def test_does_not_count_below_zero(self):
        assert f"0{NBSP}s ago" in drawn("{% moment at %}", at=NOW + timedelta(minutes=3))


@pytest.mark.browser
class TestUnitsModule:
    def test_gives_the_same_texts(self, plain_page: Page):
        told = plain_page.evaluate(
            """async (cases) => {
              const { FORMATS } = await import("/static/dashboard/js/units.js");
              return cases.map(([name, value]) => FORMATS[name](value));
            }""",
            CASES,
        )

        assert told == [text for _, _, text in CASES]
