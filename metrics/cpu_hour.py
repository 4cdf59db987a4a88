"""The last hour of an agent's CPU, a mean a minute, kept with its state for lists of thousands.

To read it in the hot log took 140 ms for 100 agents. Here it comes with a row that the list reads
anyway, and costs ingest about a microsecond. It is as large whatever the agent's interval.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from math import isnan
from typing import Final

import numpy as np
import numpy.typing as npt

from metrics.names import SeriesKey
from metrics.wire import Block

SERIES: Final = SeriesKey("cpu_percent", "")
MINUTES: Final = 60
POINTS: Final = MINUTES + 1
"""The minute that runs, and an hour of those before it."""

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = MINUTES * _MINUTE_MS
# The newest minute, since 1970; the total and the number of its samples; the means before it.
_HEAD: Final = struct.Struct("<qdI")
_MEAN: Final = struct.Struct("<f")
_MEANS_BYTES: Final = MINUTES * _MEAN.size
_NO_MEAN: Final = _MEAN.pack(float("nan"))
_ROW: Final = np.dtype(
    [("minute", "<i8"), ("total", "<f8"), ("count", "<u4"), ("means", "<f4", 60)]
)
_NEVER: Final = _HEAD.pack(0, 0.0, 0) + _NO_MEAN * MINUTES
_LARGEST: Final = 3e38
"""No percentage, but agents may send any number, and these are kept in four bytes."""


def added(hour: bytes, blocks: Iterable[Block], *, received_ms: int) -> bytes:
    """Return the hour with the samples of a body; unchanged by what is older, as backlogs are."""
    for block in blocks:
        if block.times_ms[-1] >= received_ms - _HOUR_MS and SERIES in block.series:
            column = block.values[:, block.series.index(SERIES)].tolist()
            for minute, total, count in _by_minute(block.times_ms, column):
                hour = _with_minute(bytes(hour), minute, total, count)
    return hour


def _by_minute(
    times_ms: Sequence[int], values: Sequence[float]
) -> Iterator[tuple[int, float, int]]:
    """Yield each minute with the total and the number of its samples."""
    if len(values) == 1:
        yield times_ms[0] // _MINUTE_MS, values[0], 1
        return
    pairs = zip(times_ms, values, strict=True)
    for minute, group in groupby(pairs, key=lambda pair: pair[0] // _MINUTE_MS):
        inside = [value for _, value in group]
        yield minute, sum(inside), len(inside)


def _with_minute(hour: bytes, minute: int, total: float, count: int) -> bytes:
    if not hour:
        return _HEAD.pack(minute, total, count) + _NO_MEAN * MINUTES
    newest: int
    newest, newest_total, newest_count = _HEAD.unpack_from(hour)
    before: bytes = hour[_HEAD.size :]
    if minute == newest:
        return _HEAD.pack(newest, newest_total + total, newest_count + count) + before
    if minute > newest:
        gap = min(minute - newest, MINUTES + 1)
        finished = before + _mean(newest_total, newest_count) + _NO_MEAN * (gap - 1)
        return _HEAD.pack(minute, total, count) + finished[-_MEANS_BYTES:]
    # Late. A minute that has a mean keeps it: how many samples it is of is not known any more.
    place = _MEANS_BYTES - (newest - minute) * _MEAN.size
    if place < 0 or not isnan(_MEAN.unpack_from(before, place)[0]):
        return hour
    filled = before[:place] + _mean(total, count) + before[place + _MEAN.size :]
    return hour[: _HEAD.size] + filled


def _mean(total: float, count: int) -> bytes:
    return _MEAN.pack(max(-_LARGEST, min(_LARGEST, total / count)))


def means(hours: Mapping[int, bytes], *, now: datetime) -> dict[int, list[float | None]]:
    """Return of each key the means of the hour before `now` and of the minute that runs.

    A list of POINTS, the oldest first, None for a minute without samples.
    """
    shown = matrix(list(hours.values()), now=now)
    drawn = shown.astype(object)
    drawn[np.isnan(shown)] = None
    return dict(zip(hours, drawn.tolist(), strict=True))


def matrix(hours: Sequence[bytes], *, now: datetime) -> npt.NDArray[np.float64]:
    """Return a row of POINTS for each of the hours, NaN for a minute without samples."""
    rows = np.frombuffer(b"".join(bytes(hour) or _NEVER for hour in hours), _ROW)
    running = (rows["total"] / np.maximum(rows["count"], 1)).clip(-_LARGEST, _LARGEST)
    known = np.column_stack([rows["means"], running])
    # A state's newest minute may be long ago, or in the future by as much as clocks may be wrong.
    passed = int(now.timestamp() * 1000) // _MINUTE_MS - rows["minute"]
    places = np.arange(POINTS) + passed[:, np.newaxis]
    is_known = (places >= 0) & (places < POINTS)
    shown = np.take_along_axis(known, np.clip(places, 0, MINUTES), axis=1).round(2)
    shown[~is_known] = np.nan
    return shown
