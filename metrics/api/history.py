"""Series as the read API answers them: bounded, as JSON or as the rows of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from math import isnan
from typing import Final

from agents.models import Agent
from metrics.api.answers import SeriesAnswer, SeriesPageAnswer
from metrics.api.errors import ApiError
from metrics.api.fleet import sent_series
from metrics.api.parameters import SeriesQuery
from metrics.catalog import metric_of
from metrics.names import SeriesKey
from metrics.queries import SeriesPage, series

BUCKETS_MAXIMUM: Final = 500_000
"""Series times points of one answer. An agent may have 4,096 series: at 2,000 points each, a
request would take a gigabyte of memory."""

_ROWS_A_PIECE: Final = 100


def series_answer(agent: Agent, query: SeriesQuery) -> SeriesPageAnswer:
    """Return what the query asks for. Raises ApiError where that is too much for one answer."""
    # What it sends now tells before anything is read; what it once sent may still be more.
    _check_size(sum(map(query.takes, sent_series(agent))), query.points)
    page = series(agent, query.metrics, start=query.start, end=query.end, points=query.points)
    keys = sorted(filter(query.takes, page.series))
    _check_size(len(keys), len(page.times))
    return SeriesPageAnswer(
        agent=agent.agent_id,
        start=_whole(query.start.timestamp()),
        end=_whole(query.end.timestamp()),
        step_seconds=_whole(page.step_seconds),
        tier=_tier_of(page),
        times=[int(time) for time in page.times],  # steps are whole seconds
        series=[_answer(key, page) for key in keys],
    )


def csv_pieces(answer: SeriesPageAnswer) -> Iterator[str]:
    """Yield a CSV file some rows at a time: a row a bucket, three columns a series.

    Times are ISO 8601 in UTC, a gap is an empty cell. A heading starts with the metric's name,
    which is lower case letters: no instance, however it is called, can start a formula.
    """
    heads = [f"{each.metric}|{each.instance}".removesuffix("|") for each in answer.series]
    yield _lines([["time", *(f"{head} {what}" for head in heads for what in _COLUMNS)]])
    columns = [getattr(each, what).tolist() for each in answer.series for what in _COLUMNS]
    rows = zip(answer.times, *columns, strict=True)
    while piece := list(islice(rows, _ROWS_A_PIECE)):
        yield _lines([_iso(time), *map(_cell, numbers)] for time, *numbers in piece)


_COLUMNS: Final = ("mean", "min", "max")


def _check_size(count: int, points: int) -> None:
    if count * points > BUCKETS_MAXIMUM:
        detail = (
            f"{count} series of {points} points are more than one answer holds. "
            "Ask for fewer points, metrics or instances."
        )
        raise ApiError("size", detail, field="points", limit=BUCKETS_MAXIMUM)


def _answer(key: SeriesKey, page: SeriesPage) -> SeriesAnswer:
    found = page.series[key]
    return SeriesAnswer(
        metric=key.metric,
        instance=key.instance,
        unit=metric_of(key.metric).unit,
        mean=found.mean,
        min=found.minimum,
        max=found.maximum,
    )


def _tier_of(page: SeriesPage) -> str:
    return page.tier.name.lower()


def _whole(seconds: float) -> float:
    """Return whole seconds without a point, which every step of buckets has."""
    return int(seconds) if seconds == int(seconds) else seconds


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat().replace("+00:00", "Z")


def _cell(number: float | None) -> float | str:
    return "" if number is None or isnan(number) else number
