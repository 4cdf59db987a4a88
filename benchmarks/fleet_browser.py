"""What the fleet's page costs a browser: its weight on the wire, first paint, and a refresh."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Value
from benchmarks.processes import ROOT

WATCHED_SECONDS: Final = 30
SECONDS: Final = WATCHED_SECONDS + 10
"""How long measuring takes, with starting and opening."""

_ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

# From when the answer is there to the second frame after it was worked in.
_WATCH: Final = """() => {
  window.taken = [];
  let since = 0;
  document.addEventListener("htmx:after:request", () => { since = performance.now(); });
  const told = (begun) => () => window.taken.push(performance.now() - begun);
  document.addEventListener("htmx:finally:request", ({ detail }) => {
    if (detail.ctx.response?.status !== 200) return;
    const note = told(since);
    requestAnimationFrame(() => requestAnimationFrame(note));
  });
}"""
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def collect_static() -> None:
    """Put the files that the page needs where the server finds them when it starts."""
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(collect, cwd=ROOT, check=True)


def measured(port: int, cookie: str) -> dict[str, Value]:
    """Return what Chromium measures of the page at `port`; nothing where it is not installed."""
    path = shutil.which("chromium")
    if path is None:
        return {"rows": None}
    address = f"http://127.0.0.1:{port}"
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        weight = _weight(page, address)
        paint = page.evaluate(_PAINT)
        page.evaluate(_WATCH)
        page.wait_for_timeout(WATCHED_SECONDS * 1000)
        taken = page.evaluate("window.taken")
        rows = page.locator(".agent-row").count()
        browser.close()
    return {
        "rows": rows,
        "wire_kib": round(weight / 1024, 1),
        "first_paint_ms": round(paint),
        "refresh_p50_ms": round(statistics.median(taken)),
        "refresh_worst_ms": round(max(taken)),
    }


def _weight(page: Page, address: str) -> int:
    """Open the page with an empty cache and return the bytes that came over the wire."""
    arrived: list[int] = []

    def note(event: dict[str, Any]) -> None:
        """Add what a request took on the wire."""
        arrived.append(event["encodedDataLength"])

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return sum(arrived)
