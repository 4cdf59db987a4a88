"""The admin in our look: a new token is copied by a button, under the strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories import make_agent

pytestmark = pytest.mark.browser


class TestTokenBox:
    @pytest.mark.parametrize("width", [1440, 390])
    def test_copies_the_token_and_says_so(self, open_page, admin, transactional_db, width):
        agent = make_agent("web-1")
        rights = ["clipboard-read", "clipboard-write"]
        path = f"/admin/agents/agent/{agent.pk}/change/"
        page = open_page(path, user=admin, width=width, permissions=rights)
        page.get_by_role("button", name="Issue").click()
        page.get_by_role("button", name="Copy").click()

        expect(page.locator(".token-box [role=status]")).to_have_text("Copied")
        token = page.locator(".token-value").input_value()
        assert token.startswith("tara_")
        assert page.evaluate("navigator.clipboard.readText()") == token
        assert page.evaluate("document.documentElement.scrollWidth") <= width
