"""The fleet's page in a browser: how to make it poll, and how to hold what it asks for."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route

from dashboard.fleet import fragment

WAKE = "window.dispatchEvent(new Event('online'))"
"""What a browser says when the network is back; the page then polls at once."""

ROWS = "Array.from(document.querySelectorAll('.row-link'), (link) => link.textContent)"


def poll(page: Page) -> None:
    """Let the page poll now rather than in five seconds."""
    fragment.forget()
    with page.expect_response(
        lambda response: response.request.headers.get("hx-request") == "true"
    ):
        page.evaluate(WAKE)


def hold(page: Page, matches: Callable[[str], bool]) -> list[Route]:
    """Return the requests that wait from now on to be let through."""
    held: list[Route] = []
    page.route(matches, lambda route: held.append(route))  # noqa: PLW0108  (needs a function)
    return held
