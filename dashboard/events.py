"""What happened to an agent, in sentences, as the timeline and the charts' marks tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from agents.models import Agent
from dashboard import units
from metrics import queries
from metrics.queries import Event, EventKind


class Told(msgspec.Struct, frozen=True):
    """An event for people: Unix seconds, a word for its mark on a chart, a sentence, a symbol."""

    at: float
    word: str
    text: str
    icon: str


class EventsReply(msgspec.Struct, frozen=True):
    """What the page asks for beside its charts; the newest event comes first."""

    events: list[Told]


def timeline(agent: Agent, *, start: datetime, end: datetime, now: datetime) -> list[Told]:
    """Return what happened to the agent in [start, end), newest first."""
    return [told(event) for event in queries.events(agent, start=start, end=end, now=now)]


def told(event: Event) -> Told:
    """Return an event's sentence."""
    word, icon, sentence = _KINDS[event.kind]
    return Told(event.at.timestamp(), word, sentence(event), icon)


def _back(event: Event) -> str:
    kept = event.after
    if not kept:
        return "Reports again"
    samples = "1 sample" if kept == "1" else f"{units.count(float(kept))} samples"
    return f"Reports again, with {samples} kept meanwhile"


def _size(event: Event) -> str:
    before, after = (units.memory(float(size)) for size in (event.before, event.after))
    return f"Memory {before} → {after}"


def _changed(what: str) -> Callable[[Event], str]:
    return lambda event: f"{what} {event.before} → {event.after}"


_KINDS: Final[dict[EventKind, tuple[str, str, Callable[[Event], str]]]] = {
    EventKind.FIRST: ("first", "up", lambda _: "First report"),
    EventKind.LOST: ("lost", "down", lambda _: "No report from here on"),
    EventKind.BACK: ("back", "up", _back),
    EventKind.REBOOT: ("restart", "restart", lambda _: "The machine was restarted"),
    EventKind.KERNEL: ("kernel", "edit", _changed("Kernel")),
    EventKind.SYSTEM: ("system", "edit", _changed("System")),
    EventKind.VERSION: ("agent", "edit", _changed("Agent")),
    EventKind.ADDRESS: ("address", "edit", _changed("Address")),
    EventKind.HOSTNAME: ("name", "edit", _changed("Host name")),
    EventKind.CORES: ("cores", "edit", _changed("Cores")),
    EventKind.MEMORY: ("memory", "edit", _size),
}
