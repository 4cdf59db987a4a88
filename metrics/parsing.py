"""Bounded parsing of an ingest body: bytes in, good samples and named faults out. No Django here.

A body is read in one typed pass. Only where that fails is it read again piece by piece, so that one
bad sample never costs the good ones beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Final, NoReturn

import msgspec
import numpy as np

from metrics import bounds, names
from metrics.readers import KnownSeries, Read
from metrics.wire import (
    BODY_BYTES_MAXIMUM,
    SAMPLES_MAXIMUM,
    TIME_MAXIMUM,
    TIME_MINIMUM,
    VALUE_MAXIMUM,
    VERSION,
    AgentFacts,
    Block,
    ParsedBody,
    WireBody,
    WireError,
    WireSample,
    too_large,
)

_decode: Final[Callable[[bytes], WireBody]] = msgspec.json.Decoder(WireBody).decode


def parse(body: bytes, known: KnownSeries | None = None) -> ParsedBody:
    """Return what `body` holds. Raises WireError where not even its envelope can be read.

    `known` are the series that the sender sent last; a body that has the same is read quicker.
    """
    if len(body) > BODY_BYTES_MAXIMUM:
        raise too_large("The body", BODY_BYTES_MAXIMUM)
    return (_parse_known(body, known) if known else None) or _parse_any(body)


def _parse_known(body: bytes, known: KnownSeries) -> ParsedBody | None:
    """Return what a body of these series holds, None for one in which anything else stands."""
    try:
        read = known.reader.read(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    times = [sample.time for sample in read.samples]
    if (
        not 1 <= len(times) <= SAMPLES_MAXIMUM
        or not _is_time(min(times))
        or not _is_time(max(times))
    ):
        return None
    values = known.reader.matrix(read.samples)
    if not np.abs(values).max() <= VALUE_MAXIMUM:
        return None
    parsed = _envelope(read)
    parsed.blocks.append(
        Block(
            series=known.series,
            indexes=list(range(len(times))),
            times_ms=[round(time * 1000) for time in times],
            values=values,
            processes=[sample.processes for sample in read.samples],
        )
    )
    return parsed


def _parse_any(body: bytes) -> ParsedBody:
    bounds.check_depth(body)
    try:
        wire = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _parse_piecewise(body, error)
    parsed = _envelope(wire)
    _check_count(len(wire.samples))
    rows = _Rows()
    for index, sample in enumerate(wire.samples):
        _take(parsed, rows, index, sample)
    parsed.blocks = rows.blocks()
    return parsed


def _parse_piecewise(body: bytes, reason: Exception) -> ParsedBody:
    """Read a body that failed as a whole once more, part by part. Raises WireError."""
    try:
        # Takes NaN, 1e999 and lone surrogates, so that the field that holds one can be named.
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise WireError("json", f"The body is not JSON: {reason}", at="body") from reason
    if not isinstance(raw, dict):
        raise WireError("json", "The body must be a JSON object.", at="body")
    samples = raw.get("samples")
    if not isinstance(samples, list):
        raise WireError("samples", "`samples` must be a list of samples.", at="samples")
    _check_count(len(samples))
    # A fault beside the samples costs what it stands in, not the samples.
    parts = {name: _optional(raw, name, kind) for name, kind in _OPTIONAL.items()}
    parsed = _envelope(WireBody(version=_version(raw), samples=[], **parts))
    rows = _Rows()
    for index, sample in enumerate(samples):
        try:
            _take(parsed, rows, index, msgspec.convert(sample, WireSample))
        except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
            parsed.errors.append((index, _named(index, error)))
    parsed.blocks = rows.blocks()
    return parsed


_OPTIONAL: Final[dict[str, Any]] = {
    "sent_at": float | None,
    "agent": AgentFacts | None,
    "dropped": dict[str, int],
    "backlog": int,
}


def _optional(raw: dict[str, Any], name: str, kind: Any) -> Any:
    default: Any = {} if name == "dropped" else 0 if name == "backlog" else None
    try:
        return msgspec.convert(raw.get(name, default), kind)
    except (msgspec.MsgspecError, OverflowError):
        return default


def _version(raw: dict[str, Any]) -> int:
    version = raw.get("version")
    return version if type(version) is int else 0


def _envelope(wire: WireBody | Read) -> ParsedBody:
    if wire.version != VERSION:
        raise WireError(
            "version",
            f"`version` must be {VERSION}. Update the agent, or the server if the agent is newer.",
            at="version",
            limit=VERSION,
        )
    sent_at = wire.sent_at
    return ParsedBody(
        sent_at=sent_at if sent_at is not None and _is_time(sent_at) else None,
        facts=_facts(wire.agent) if wire.agent is not None else {},
        dropped=min(sum(max(0, count) for count in wire.dropped.values()), 2**62),
        backlog=min(max(0, wire.backlog), 2**31 - 1),
    )


class _Rows:
    """Good samples as they are read, by series."""

    def __init__(self) -> None:
        self._of: dict[names.SeriesNames, list[tuple[int, WireSample, list[float]]]] = {}

    def add(
        self, index: int, sample: WireSample, series: names.SeriesNames, row: list[float]
    ) -> None:
        self._of.setdefault(series, []).append((index, sample, row))

    def blocks(self) -> list[Block]:
        return [
            Block(
                series=series,
                indexes=[index for index, _, _ in rows],
                times_ms=[round(sample.time * 1000) for _, sample, _ in rows],
                values=np.array([row for _, _, row in rows], np.float64),
                processes=[sample.processes for _, sample, _ in rows],
            )
            for series, rows in self._of.items()
        ]


def _take(parsed: ParsedBody, rows: _Rows, index: int, sample: WireSample) -> None:
    """Add `sample` to the good ones, or what is wrong with it to the errors."""
    try:
        rows.add(index, sample, *_checked(index, sample))
    except WireError as error:
        parsed.errors.append((index, error))


def _checked(index: int, sample: WireSample) -> tuple[names.SeriesNames, list[float]]:
    """Return the sample's series and their values. Raises WireError."""
    if not _is_time(sample.time):
        _refuse(
            "time",
            "must be Unix seconds from 2000 to 2100, not milliseconds",
            at=f"samples[{index}].time",
            limit=TIME_MAXIMUM,
        )
    raw, row = _flat(sample.values)
    try:
        series = names.checked(tuple(raw))
    except names.BadName as error:
        _refuse(
            error.code, error.detail, at=f"samples[{index}].values{error.at}", limit=error.limit
        )
    # NaN and infinity make the sum so; they come from the piecewise reading only.
    if max(row) > VALUE_MAXIMUM or min(row) < -VALUE_MAXIMUM or not math.isfinite(sum(row)):
        _refuse_value(index, raw, row)
    return series, row


def _flat(
    values: dict[str, float | dict[str, float]],
) -> tuple[list[tuple[str, str]], list[float]]:
    """Return the series' names and their values, in the body's order."""
    series: list[tuple[str, str]] = []
    row: list[float] = []
    for name, value in values.items():
        if type(value) is dict:
            series += [(name, instance) for instance in value]
            row += value.values()
        else:
            series.append((name, ""))
            row.append(value)  # type: ignore[arg-type]  # a dict went the other way
    return series, row


def _refuse(code: str, what: str, *, at: str, limit: float | None = None) -> NoReturn:
    raise WireError(code, f"{at} {what}.", status=422, at=at, limit=limit)


def _refuse_value(index: int, series: list[tuple[str, str]], row: list[float]) -> NoReturn:
    for (metric, instance), value in zip(series, row, strict=True):
        if not abs(value) <= VALUE_MAXIMUM:
            at = f"samples[{index}].values.{metric}" + (f".{instance}" if instance else "")
            what = "must be a finite number of at most 1e18 either way"
            _refuse("value", what, at=at, limit=VALUE_MAXIMUM)
    raise AssertionError(row)


def _named(index: int, error: Exception) -> WireError:
    """Return the error of a sample whose types are wrong, with the path as the body has it."""
    detail = str(error).replace("`$", f"`samples[{index}]")
    return WireError("sample", f"samples[{index}]: {detail}", status=422, at=f"samples[{index}]")


def _is_time(seconds: float) -> bool:
    return TIME_MINIMUM <= seconds < TIME_MAXIMUM


def _facts(facts: AgentFacts) -> dict[str, str | int]:
    """Return the facts that are given; one left out leaves what is known of it alone."""
    given: dict[str, str | int | None] = {
        "agent_version": names.clean(facts.version),
        "hostname": names.clean(facts.hostname),
        "os": names.clean(facts.os),
        "kernel": names.clean(facts.kernel),
        "boot_id": names.clean(facts.boot_id),
        "cpu_model": names.clean(facts.cpu_model),
        "cpu_count": _bounded(facts.cpu_count, 2**20),
        "memory_total_bytes": _bounded(facts.memory_total_bytes, 2**60),
    }
    return {name: fact for name, fact in given.items() if fact}


def _bounded(number: int | None, maximum: int) -> int | None:
    return number if number is not None and 0 <= number <= maximum else None


def _check_count(count: int) -> None:
    if not 1 <= count <= SAMPLES_MAXIMUM:
        raise WireError(
            "samples",
            f"`samples` must hold 1 to {SAMPLES_MAXIMUM} samples, not {count}.",
            status=413 if count else 400,
            at="samples",
            limit=SAMPLES_MAXIMUM,
        )
