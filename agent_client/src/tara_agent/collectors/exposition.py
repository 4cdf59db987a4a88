"""Prometheus text format, as scripts write it: one line to a value, with bounds on all of it."""

import re
from typing import Final, NamedTuple

from tara_agent.catalogue import DECIMALS

NAME_MAXIMUM: Final = 64
LINE_MAXIMUM: Final = 4096

_LINE: Final = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"(?:[ \t]*\{(?P<labels>.*)\}[ \t]*|[ \t]+)"
    r"(?P<value>[^ \t{}]+)(?:[ \t]+-?[0-9]+)?[ \t]*"
)
_LABEL: Final = re.compile(
    r'[ \t]*(?P<key>[a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"(?P<text>(?:[^"\\]|\\.)*)"[ \t]*(?:,|$)'
)
_ESCAPES: Final = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
_ESCAPE: Final = re.compile(r'\\[\\"n]')


class BadLine(Exception):  # noqa: N818  (reads as the claim it is)
    """A line that is none of the format, or that the server would not take."""


class Line(NamedTuple):
    """A value. `instance` is empty without labels."""

    metric: str
    instance: str
    value: float


def parse_line(text: str) -> Line | None:
    """Return the value of a line; None for a comment or an empty line. Raises BadLine.

    The metric's name is brought to lower case, and a colon in it to an underscore. Of one label the
    instance is its text, of several it is `key=text` of each, in the keys' order, parted by commas.
    A time is passed over: the sample has one.
    """
    text = text.strip()
    if not text or text.startswith("#"):
        return None
    match = _LINE.fullmatch(text) if len(text) <= LINE_MAXIMUM else None
    if match is None:
        raise BadLine('is not of the form `name{label="text"} value`')
    return Line(_metric(match["name"]), _instance(match["labels"] or ""), _value(match["value"]))


def _metric(name: str) -> str:
    metric = name.lower().replace(":", "_").lstrip("_0123456789")
    if not metric or len(metric) > NAME_MAXIMUM:
        raise BadLine(f"has a name that is not 1 to {NAME_MAXIMUM} characters long")
    if metric in DECIMALS:
        raise BadLine(f"names {metric}, which the agent measures itself")
    return metric


def _instance(text: str) -> str:
    labels: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _LABEL.match(text, place)
        if match is None:
            raise BadLine('has labels that are not of the form `{key="text"}`')
        labels[match["key"]] = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], match["text"])
        place = match.end()
    if len(labels) == 1:
        return next(iter(labels.values()))
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadLine("has a value that is no number") from None
