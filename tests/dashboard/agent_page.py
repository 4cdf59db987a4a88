"""What the browser tests of the agent's page have in common."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page

PAGE = "/agents/web-1/"


def legend(page: Page, chart: str):
    return page.locator(f"#chart-{chart} .legend")


def poll(page: Page) -> Any:
    """Let the page poll now rather than in five seconds; return what it was told."""
    with page.expect_response(re.compile(r"data\.json")) as response:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    return response.value.json()


def drawn_pixels(page: Page, chart: str, colour: str) -> int:
    """Return how many pixels of the chart have the colour of a line."""
    return page.evaluate(
        """([chart, token]) => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = `var(${token})`;
          const [red, green, blue] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
          probe.remove();
          const canvas = document.querySelector(`#chart-${chart} canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
          }
          return count;
        }""",
        [chart, colour],
    )
