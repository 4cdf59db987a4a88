"""What an examination finds."""

from enum import Enum
from typing import NamedTuple


class State(Enum):
    """How a thing is. Only what has failed keeps samples from the server, or loses them."""

    GOOD = "ok"
    ODD = "odd"
    FAILED = "FAIL"
    SKIPPED = "-"


class Finding(NamedTuple):
    """One thing that was looked at: how it is, what was seen, and what to do about it."""

    state: State
    subject: str
    seen: str
    advice: str = ""


def good(subject: str, seen: str) -> Finding:
    """Return that all is well."""
    return Finding(State.GOOD, subject, seen)


def odd(subject: str, seen: str, advice: str) -> Finding:
    """Return what may be as somebody wants it."""
    return Finding(State.ODD, subject, seen, advice)


def failed(subject: str, seen: str, advice: str) -> Finding:
    """Return what has to be mended."""
    return Finding(State.FAILED, subject, seen, advice)


def skipped(subject: str, why: str) -> Finding:
    """Return what could not be looked at because of something else."""
    return Finding(State.SKIPPED, subject, why)
