"""Which pictures there are: of which page, in which state, and what to say of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from playwright.sync_api import Page

from scripts.pictures.machines import DOWN, FEATURED, WAITING

Act = Callable[[Page], None]


class Picture(NamedTuple):
    """A page at `path` as `person` sees it, None for nobody, once `act` was done on it."""

    name: str
    title: str
    path: str
    act: Act | None = None
    person: str | None = "admin"


def click(selector: str) -> Act:
    """Return what clicks the first of these."""
    return lambda page: page.locator(selector).first.click()


def hover_over_chart(page: Page) -> None:
    """Point at two thirds of the first chart, so that all of them tell of that moment."""
    box = page.locator("#chart-cpu .u-over").bounding_box()
    if box is None:
        raise LookupError("the page has no chart of the CPU")
    page.mouse.move(box["x"] + box["width"] * 0.66, box["y"] + box["height"] / 2)


def scroll_to(selector: str) -> Act:
    """Return what brings this to the top of the window."""
    return lambda page: page.evaluate(
        "(selector) => window.scrollTo(0, document.querySelector(selector)"
        ".getBoundingClientRect().top + window.scrollY - 76)",
        selector,
    )


def log_in_wrongly(page: Page) -> None:
    """Try a password that is wrong."""
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()


def add_enrolment_key(page: Page) -> None:
    """Fill the form of a new key and save it: the key is shown once."""
    page.get_by_label("Name").fill("Spring rollout")
    page.locator("input[name=_save]").click()


BEFORE: Final = (
    Picture("login", "Log in", "/login/", person=None),
    Picture("login-wrong", "Log in, refused", "/login/", log_in_wrongly, person=None),
    Picture("fleet-empty", "Fleet, before the first agent", "/"),
    Picture("compare-empty", "Compare, before the first agent", "/compare/"),
)
"""What is seen of a server that has no agent yet."""

_AGENT: Final = f"/agents/{FEATURED}/?range=24h"
_ADMIN: Final = "/admin/agents"

AFTER: Final = (
    Picture("fleet", "Fleet", "/"),
    Picture("fleet-filtered", "Fleet, filtered by a tag and sorted by CPU", "/?tag=web&sort=-cpu"),
    Picture("fleet-no-match", "Fleet, nothing found", "/?q=zeus"),
    Picture("agent", "Agent, a day", _AGENT),
    Picture(
        "agent-now", "Agent: disks, traffic, processes, events", _AGENT, scroll_to(".now, #now")
    ),
    Picture(
        "agent-hover",
        "Agent, one moment on all charts",
        f"/agents/{FEATURED}/?range=1h",
        hover_over_chart,
    ),
    Picture(
        "agent-table", "Agent, a chart as a table", _AGENT, click("#chart-cpu .chart-table-button")
    ),
    Picture("agent-week", "Agent, a week", f"/agents/{FEATURED}/?range=7d"),
    Picture("agent-down", "Agent, away", f"/agents/{DOWN}/?range=1h"),
    Picture("agent-waiting", "Agent, not heard of yet", f"/agents/{WAITING}/"),
    Picture("heat-map", "Compare: heat map", "/compare/"),
    Picture("ranking", "Compare: ranking", "/compare/?view=rank"),
    Picture("small-charts", "Compare: small charts", "/compare/?view=small"),
    Picture("one-chart", "Compare: one chart", "/compare/?view=chart&metric=received&tag=web"),
    Picture("server", "Server", "/server/"),
    Picture("status", "Status page", "/status/web/", person=None),
    Picture("api", "The API", "/api/v1/docs/"),
    Picture("shortcuts", "Keyboard shortcuts", "/password/", lambda page: page.keyboard.press("?")),
    Picture("password", "Change your password", "/password/"),
    Picture("password-changed", "Password changed", "/password/changed/"),
    Picture("logout", "Log out", "/logout/"),
    Picture("not-found", "Not found", "/agents/zeus/"),
    Picture("forbidden", "Not allowed", "/server/", person="viewer"),
    Picture("admin", "Admin", "/admin/"),
    Picture("admin-agents", "Admin: agents", f"{_ADMIN}/agent/"),
    Picture("admin-agent", "Admin: an agent", f"{_ADMIN}/agent/9/change/"),
    Picture("admin-add-agent", "Admin: add an agent", f"{_ADMIN}/agent/add/"),
    Picture(
        *("admin-token", "Admin: a token, shown once", f"{_ADMIN}/agent/13/change/"),
        click("button:has-text('Rotate')"),
    ),
    Picture("admin-delete", "Admin: delete an agent", f"{_ADMIN}/agent/9/delete/"),
    Picture("admin-keys", "Admin: enrolment keys", f"{_ADMIN}/enrolmentkey/"),
    Picture("admin-add-key", "Admin: add an enrolment key", f"{_ADMIN}/enrolmentkey/add/"),
    Picture(
        *("admin-key", "Admin: an enrolment key, shown once", f"{_ADMIN}/enrolmentkey/add/"),
        add_enrolment_key,
    ),
    Picture("admin-read-tokens", "Admin: read tokens", f"{_ADMIN}/readtoken/"),
    Picture("admin-status-pages", "Admin: status pages", f"{_ADMIN}/statuspage/"),
    Picture("admin-users", "Admin: users", "/admin/auth/user/"),
)
"""What is seen of a server with a fleet."""

ALL: Final = (*BEFORE, *AFTER)
