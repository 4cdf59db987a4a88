"""The strict console of browser tests: it hears every word, and no test opens a page without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser import hearing

TESTS = Path(__file__).parent


@pytest.mark.browser
class TestTold:
    @pytest.mark.parametrize(
        ("script", "word"),
        [
            ("console.info('hello')", "info: hello"),
            ("setTimeout(() => { throw new Error('oh no'); })", "oh no"),
            ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
            ("fetch('https://elsewhere.example/').catch(() => {})", "Content Security Policy"),
        ],
        ids=["message", "error", "inline style", "other host"],
    )
    def test_hears_what_a_page_says(self, plain_page, told, script, word):
        plain_page.evaluate(f"() => {{ {script}; }}")
        plain_page.wait_for_timeout(200)

        heard, told[:] = list(told), []
        assert any(word in text for text in heard)


class TestHearing:
    def test_fails_where_something_was_said(self):
        heard = hearing()
        next(heard).append("error: a word")

        with pytest.raises(AssertionError, match="a word"):
            next(heard)


def test_every_page_is_opened_with_a_strict_console():
    """A page of a context of a test's own would say what it likes."""
    others = {
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("*.py")
        if path.name not in {"browser.py", Path(__file__).name}
        and re.search(r"\bnew_(page|context)\(", path.read_text(encoding="utf-8"))
    }

    assert others == set()
