"""Chromium, and the pictures it takes: of pages at two widths in both themes, small in bytes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.pictures.instance import PEOPLE
from scripts.pictures.pages import Picture
from scripts.pictures.palettes import small


class Window(NamedTuple):
    """A window's width, and between which heights it is as high as its page."""

    width: int
    height_least: int
    height_most: int
    pixels: float


WINDOWS: Final = (Window(1440, 700, 1080, pixels=1), Window(390, 700, 1080, pixels=1.5))
THEMES: Final = ("light", "dark")
SETTLE_MS: Final = 400


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the system's Chromium, closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--lang=en-GB",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


def shoot(browser: Browser, address: str, pictures: Iterable[Picture], output: Path) -> None:
    """Take each picture at each width in each theme, as output/NAME-WIDTH-THEME.png."""
    wanted = list(pictures)
    for window in WINDOWS:
        for person in dict.fromkeys(each.person for each in wanted):
            context = _context(browser, address, window)
            page = context.new_page()
            if person is not None:
                _log_in(page, person)
            for picture in wanted:
                if picture.person == person:
                    _take(page, picture, window, output)
            context.close()


def _context(browser: Browser, address: str, window: Window) -> BrowserContext:
    return browser.new_context(
        base_url=address,
        viewport={"width": window.width, "height": window.height_least},
        device_scale_factor=window.pixels,
        timezone_id="Europe/Paris",
        locale="en-GB",
        reduced_motion="reduce",
    )


def _log_in(page: Page, person: str) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(PEOPLE[person])
    page.get_by_role("button", name="Log in").click()


def _take(page: Page, picture: Picture, window: Window, output: Path) -> None:
    """Take a picture in both themes; a page in which something was done is opened for each."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        if theme == THEMES[0] or picture.act is not None:
            page.set_viewport_size({"width": window.width, "height": window.height_least})
            page.goto(picture.path)
            page.wait_for_load_state("networkidle")
            if picture.act is not None:
                picture.act(page)
                page.wait_for_load_state("networkidle")
            _fit(page, window)
        page.wait_for_timeout(SETTLE_MS)
        path = output / f"{picture.name}-{window.width}-{theme}.png"
        path.write_bytes(small(page.screenshot()))


def _fit(page: Page, window: Window) -> None:
    """Make the window as high as its page, within bounds."""
    height = page.evaluate("document.documentElement.scrollHeight")
    bounded = min(max(height, window.height_least), window.height_most)
    page.set_viewport_size({"width": window.width, "height": bounded})
