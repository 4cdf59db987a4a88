"""Chromium, and pages that fail a test by any word on the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium; without one, skip here and fail in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is not installed, and CI must not skip the pages.", pytrace=False)
    if path is None:
        pytest.skip("Chromium is not installed.")
    return {**browser_type_launch_args, "executable_path": path, "args": ARGUMENTS}


@pytest.fixture
def admin(db: None) -> User:
    """Somebody who may do everything."""
    return User.objects.create_superuser("admin", password="a long password")


@pytest.fixture
def viewer(db: None) -> User:
    """Somebody who may look."""
    return User.objects.create_user("viewer", password="a long password")


@pytest.fixture
def web(viewer: User) -> Client:
    """A logged-in client that runs no scripts."""
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What pages said on the console; a test that expects some takes it out."""
    yield from hearing()


def hearing() -> Iterator[list[str]]:
    """Yield a list once; fail if it is not empty afterwards."""
    said: list[str] = []
    yield said
    assert said == [], said


@pytest.fixture
def open_page(browser: Browser, live_server: Any, told: list[str]) -> Iterator[OpenPage]:
    """Open a page of the live server, as somebody, in a width and a theme."""
    contexts: list[BrowserContext] = []

    def open_it(
        path: str,
        *,
        user: User | None = None,
        width: int = 1440,
        theme: Any = "light",
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            timezone_id="Europe/Paris",
            locale="en-GB",
            **options,
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def plain_page(open_page: OpenPage) -> Page:
    """A page on which modules can be imported."""
    return open_page("/login/")


def session_cookie(user: User, url: str) -> Any:
    """Return the cookie of a new session of the user."""
    client = Client()
    client.force_login(user)
    [(name, morsel)] = client.cookies.items()
    return {"name": name, "value": morsel.value, "url": url}
