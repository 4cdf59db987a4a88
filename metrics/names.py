"""Names that agents send: metrics, instances and facts, cleaned of what could harm a reader."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final, NamedTuple

from metrics import catalog

STRING_MAXIMUM: Final = 255
INSTANCES_MAXIMUM: Final = 512
METRICS_MAXIMUM: Final = 512
SERIES_MAXIMUM: Final = 4096


class SeriesKey(NamedTuple):
    """What a series is called within its agent; `instance` is empty where the metric has none."""

    metric: str
    instance: str


SeriesNames = tuple[tuple[str, str], ...]
"""Pairs of metric and instance, in the order of a sample's values."""

_HARMFUL: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LINE_BREAKS: Final = re.compile(r"[\r\n\t\u2028\u2029]+")


class BadName(Exception):  # noqa: N818  (reads as the claim it is)
    """A name that cannot be taken; `at` is its path below `values`, `limit` the bound it broke."""

    def __init__(self, code: str, detail: str, *, at: str = "", limit: int | None = None) -> None:
        """`detail` completes a sentence that starts with the path."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.at = at
        self.limit = limit


def clean(text: str) -> str:
    """Return `text` in NFC without control, format and bidi characters, at most 255 long."""
    if text.isascii() and text.isprintable():
        return text[:STRING_MAXIMUM].strip()
    spaced = _LINE_BREAKS.sub(" ", text[: 4 * STRING_MAXIMUM])
    kept = "".join(char for char in spaced if unicodedata.category(char) not in _HARMFUL)
    return unicodedata.normalize("NFC", kept)[:STRING_MAXIMUM].strip()


@lru_cache(maxsize=4096)
def checked(series: SeriesNames) -> SeriesNames:
    """Return the series with their instances cleaned. Raises BadName for what cannot be taken.

    Remembered, because an agent sends the same names in the same order for days.
    """
    if not series:
        raise BadName("values", "holds no value")
    _check_length(series)
    cleaned = tuple((_metric(metric), _instance(metric, instance)) for metric, instance in series)
    _check_counts(cleaned)
    return cleaned


def _metric(metric: str) -> str:
    if catalog.is_well_formed(metric):
        return metric
    raise BadName(
        "metric",
        f"has a metric {clean(metric)[:70]!r}; a metric's name has 1 to 64 lower case letters, "
        "digits and underscores and starts with a letter",
        limit=64,
    )


def _instance(metric: str, instance: str) -> str:
    if len(instance) > STRING_MAXIMUM:
        raise BadName(
            "instance",
            f"names an instance longer than {STRING_MAXIMUM} characters",
            at=f".{metric}",
            limit=STRING_MAXIMUM,
        )
    name = clean(instance)
    if instance and not name:
        raise BadName("instance", "names an instance that cannot be shown", at=f".{metric}")
    return name


def _check_length(series: SeriesNames) -> None:
    if len(series) > SERIES_MAXIMUM:
        raise BadName(
            "series",
            f"holds {len(series)} values; at most {SERIES_MAXIMUM} are taken",
            limit=SERIES_MAXIMUM,
        )


def _check_counts(series: SeriesNames) -> None:
    metric, count = Counter(series).most_common(1)[0]
    if count > 1:
        raise BadName("instance", "names an instance twice", at=f".{metric[0]}")
    metrics = len({metric for metric, _ in series})
    if metrics > METRICS_MAXIMUM:
        raise BadName(
            "metrics",
            f"holds {metrics} metrics; at most {METRICS_MAXIMUM} are taken",
            limit=METRICS_MAXIMUM,
        )
    instances = len({instance for _, instance in series if instance})
    if instances > INSTANCES_MAXIMUM:
        raise BadName(
            "instances",
            f"names {instances} instances; at most {INSTANCES_MAXIMUM} are taken",
            limit=INSTANCES_MAXIMUM,
        )
