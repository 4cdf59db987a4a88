"""What axe finds on a page, at each width and in each theme, without loading it again."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS: Final = (1440, 390, 320)
THEMES: Final = ("light", "dark")
HEIGHT: Final = 900

# Preloading copies stylesheets into <style>, which our policy stops, and says on the console.
OPTIONS: Final = {"runOnly": RULES, "preload": False, "resultTypes": ["violations"]}

# The admin's colours fade from one theme into the other.
SETTLE: Final = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, as rule and place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: Any = page.evaluate("(options) => axe.run(document, options)", OPTIONS)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def problems(page: Page) -> list[str]:
    """Return what axe finds, and what does not fit, at every width in both themes."""
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.evaluate(SETTLE)
            seen = violations(page)
            if (excess := sideways(page)) > 0:
                seen.append(f"{excess} px too wide")
            found += [f"{width} {theme}: {each}" for each in seen]
    return found
