"""Open pages while the server is killed and comes back: a real process, as the Procfile has it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import MAKE_SESSION
from tests import processes
from tests.factories import body, sample
from tests.victim import Victim

pytestmark = pytest.mark.browser

SETTINGS = """
from tarasysdash.settings import *
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
"""
MAKE_AGENT = """
import django; django.setup()
from tests import factories
print(factories.make_token(factories.make_agent("web-1")))
"""
SPACING_SECONDS = 10
HISTORY = 20  # samples before the page is opened
LATER = 8  # and after
FIRST = 20  # percent of the first sample; each later one has one more
PERIOD_MS = 6_000
WAIT_MS = 15_000
PATIENCE_SECONDS = 90


class Site:
    """A server that can be killed, and an agent that keeps what the server could not take."""

    def __init__(self, folder: Path) -> None:
        (folder / "served_settings.py").write_text(SETTINGS)
        self.port = processes.free_port()
        environment = processes.product_environment(
            folder / "var",
            DJANGO_SETTINGS_MODULE="served_settings",
            PYTHONPATH=f"{folder}:{processes.ROOT}",
            TARA_HOST="127.0.0.1",
            TARA_PORT=str(self.port),
        )
        processes.python(environment, "-m", "django", "migrate", "--verbosity=0")
        self.token = processes.python(environment, "-c", MAKE_AGENT).strip()
        self.session = processes.python(environment, "-c", MAKE_SESSION).strip()
        self.web = Victim("web", environment, folder)
        # The last of all is of now, so what is sent after a restart lies before what pages hold.
        self.start_at = int(time.time()) - SPACING_SECONDS * (HISTORY + LATER)
        self.taken = 0
        self.kept: list[dict[str, object]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and return once it answers."""
        self.web.start()
        processes.wait_until(self.answers, seconds=30, what="the server answers")

    def answers(self) -> bool:
        """Ask whether the server is there."""
        return self.ask("GET", "/healthz") is not None

    def ask(self, method: str, path: str, data: str | None = None) -> int | None:
        """Return the status of an answer, None where nothing answers."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                answer.read()
            except OSError:
                return None
            return answer.status

    def take(self, count: int) -> None:
        """Take samples; none has the CPU of another."""
        for _ in range(count):
            at = self.start_at + SPACING_SECONDS * self.taken
            self.kept.append(sample(at, cpu_percent=FIRST + self.taken))
            self.taken += 1

    def send(self) -> bool:
        """Send what is kept; true once the server has it."""
        status = self.ask("POST", "/api/v1/ingest/", json.dumps(body(*self.kept)))
        if status is None:
            return False
        assert status == HTTPStatus.OK
        self.kept.clear()
        return True


def newest(site: Site) -> int:
    """Return the CPU of the newest sample."""
    return FIRST + site.taken - 1


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    """A running server with the agent web-1, which has reported for a while."""
    made = Site(tmp_path)
    try:
        made.start()
        made.take(HISTORY)
        assert made.send()
        yield made
    finally:
        made.web.stop()


@pytest.fixture
def open_at(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """Open a page of the site, as somebody who is logged in."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    cookie = {"name": "tarasysdash_sessionid", "value": site.session, "url": site.url}
    context.add_cookies([cookie])
    said: list[str] = []

    def open_it(path: str) -> Page:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.set_default_timeout(10_000)
        page.clock.install()
        page.goto(path)
        expect(page.locator("#live")).to_contain_text("Live, every 5 s")
        return page

    yield open_it
    context.close()
    assert [text for text in said if "REFUSED" not in text and "Failed to fetch" not in text] == []


def pass_until(page: Page, state: str, words: str) -> None:
    """Let seconds pass on the page, faster than real ones, until its badge is in the state."""
    for _ in range(PATIENCE_SECONDS):
        if page.locator("#live").get_attribute("data-state") == state:
            break
        page.clock.run_for(1000)
        page.wait_for_timeout(40)  # the network's time is real
    expect(page.locator("#live")).to_contain_text(words)


def kill(site: Site, *pages: Page) -> None:
    """Kill the server; the agent goes on, and the pages say that they are not live any more."""
    site.web.kill()
    site.take(3)
    assert not site.send()
    for page in pages:
        pass_until(page, "stale", "No answer for")


def come_back(site: Site, *pages: Page) -> None:
    """Start the server; the pages are live by themselves, and then the agent sends what it kept."""
    site.start()
    for page in pages:
        pass_until(page, "live", "Live, every 5 s")
    site.take(1)
    assert site.send()
    for page in pages:
        page.clock.run_for(PERIOD_MS)


def tabled(page: Page, chart: str) -> list[str]:
    """Return the values of a chart's table, the oldest first."""
    cells = page.locator(f"#chart-{chart} tbody td:nth-of-type(1)")
    return cells.all_text_contents()[::-1]


class TestRestart:
    def test_loses_and_doubles_no_sample_of_an_open_agent(self, site, open_at):
        page = open_at("/agents/web-1/?range=15m")
        page.get_by_role("button", name="CPU as a table").click()
        rows = page.locator("#chart-cpu tbody tr")
        expect(rows).to_have_count(HISTORY)

        for turn in (1, 2):
            kill(site, page)
            come_back(site, page)
            expect(rows).to_have_count(HISTORY + 4 * turn, timeout=WAIT_MS)

        each_once = [f"{FIRST + number}\u00a0%" for number in range(site.taken)]
        assert tabled(page, "cpu") == each_once
        expect(page.locator("#chart-cpu .legend")).to_contain_text(f"{newest(site)} %")

    def test_shows_each_agent_of_an_open_fleet_once_and_as_it_is(self, site, open_at):
        page = open_at("/")
        expect(page.locator(".agent-row")).to_contain_text(f"{newest(site)} %", timeout=WAIT_MS)

        for _ in (1, 2):
            kill(site, page)
            come_back(site, page)
            expect(page.locator(".agent-row")).to_contain_text(f"{newest(site)} %", timeout=WAIT_MS)

        expect(page.locator(".row-link")).to_have_text(["web-1"])
        expect(page.locator("#fleet")).to_have_count(1)
