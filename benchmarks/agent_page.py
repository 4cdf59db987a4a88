"""How heavy an agent's page is, and how quickly it is drawn: `python -m benchmarks.agent_page`.

An agent has a year of history, as in benchmarks.pages. Chromium loads its page with an empty cache,
once for each range with the groups that are open at first, and once with all of them open. Told are
bytes and requests on the wire until the charts are drawn, numbers included, the first paint, and
the time from the numbers' last byte to the second frame after drawing.
"""

from __future__ import annotations

import argparse
import json
import shutil
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import feed, figures, server
from benchmarks.figures import Value
from benchmarks.pages import send

RANGES: Final = ("1h", "24h", "7d", "30d", "1y")
ALL_GROUPS: Final = (
    *("overview", "processor", "memory", "disks", "network"),
    *("sensors", "system", "containers", "custom"),
)
WEIGHT_MAXIMUM_KIB: Final = 160
DRAWN_MAXIMUM_MS: Final = 300

_TIMES: Final = """() => {
  const loaded = performance.getEntriesByType("resource");
  const data = loaded.find(({ name }) => name.includes("data.json"));
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const [drawn] = performance.getEntriesByName("tara:drawn");
  return drawn && { data: data.responseEnd, paint: paint.startTime, drawn: drawn.startTime };
}"""
_LOOKS: Final = 200
_LOOK_EVERY_MS: Final = 50


def load(browser: Browser, address: str, cookie: str, groups: tuple[str, ...]) -> dict[str, Value]:
    """Return what one load of a page cost, with these groups open; none for those at first."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, value = cookie.split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": address}])
    if groups:
        context.add_init_script(f"localStorage['tara:open-groups'] = {json.dumps(list(groups))!r}")
    page = context.new_page()
    sizes = watch_wire(page)
    page.goto(address)
    times = drawn(page)
    charts = page.locator("canvas").count()
    context.close()
    return {
        "charts": charts,
        "requests": len(sizes),
        "wire_kib": round(sum(sizes) / 1024, 1),
        "first_paint_ms": round(times["paint"]),
        "drawn_ms": round(times["drawn"] - times["data"]),
    }


def drawn(page: Page) -> dict[str, float]:
    """Return when, in ms, the numbers were there, the page first painted and the charts drawn."""
    for _ in range(_LOOKS):
        times: dict[str, float] | None = page.evaluate(_TIMES)
        if times:
            return times
        page.wait_for_timeout(_LOOK_EVERY_MS)  # waiting for a function needs eval, which CSP stops
    raise TimeoutError(page.url)


def watch_wire(page: Page) -> list[float]:
    """Return a list that gets the bytes of each answer, headers included, as they come in."""
    sizes: list[float] = []
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")

    def note(event: dict[str, Any]) -> None:
        """Add what a request took on the wire."""
        sizes.append(event["encodedDataLength"])

    protocol.on("Network.loadingFinished", note)
    return sizes


def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    with server.site(agents=1) as site:
        with server.web(site) as running:
            send(running.port, feed.TARA, site.senders, live_samples=60)
        site.manage("seal")
        site.python("-m", "benchmarks.past", "--days", "365")
        site.manage("collectstatic", "--noinput", "--verbosity=0")
        cookie = site.session_cookie()
        with server.web(site) as running, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = f"http://127.0.0.1:{running.port}/agents/{site.senders[0].agent_id}/"
            kinds: list[tuple[str, str, tuple[str, ...]]] = [(name, name, ()) for name in RANGES]
            kinds.append(("24h, all groups", "24h", ALL_GROUPS))
            rows = []
            for title, range_, groups in kinds:
                loads = [
                    load(browser, f"{page}?range={range_}", cookie, groups)
                    for _ in range(options.loads)
                ]
                rows.append({"page": title, **figures.median_of(loads)})
            browser.close()
    title = f"agent's page: limits {WEIGHT_MAXIMUM_KIB} KiB, {DRAWN_MAXIMUM_MS} ms for 12 charts"
    figures.show(title, rows)


def main() -> None:
    """Print the figures as a table and as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=5, help="of each page")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
