"""Bounded parsing of an ingest body: bytes in, good samples and named faults out. No Django here.

A body is read in one typed pass. Only where that fails is it read again piece by piece, so that one
bad sample never costs the good ones beside it.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable
from typing import Any, Final, NoReturn

import msgspec

from metrics import names
from metrics.wire import (
    BODY_BYTES_MAXIMUM,
    DEPTH_MAXIMUM,
    PROCESSES_MAXIMUM,
    SAMPLES_MAXIMUM,
    TIME_MAXIMUM,
    TIME_MINIMUM,
    VALUE_MAXIMUM,
    VERSION,
    AgentFacts,
    ParsedBody,
    Sample,
    WireBody,
    WireError,
    WireProcess,
    WireSample,
    too_large,
)

_STRAY: Final = bytes(set(range(256)) - set(b'[]{}"\\'))
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PAIRS: Final = bytes.maketrans(b"[]", b"{}")


_decode: Final[Callable[[bytes], WireBody]] = msgspec.json.Decoder(WireBody).decode


def inflate(data: bytes) -> bytes:
    """Return gunzipped `data`, never more than the body's limit. Raises WireError."""
    inflater = zlib.decompressobj(31)
    try:
        body = inflater.decompress(data, BODY_BYTES_MAXIMUM + 1)
    except zlib.error as error:
        raise WireError("gzip", "The body says gzip but cannot be decompressed.") from error
    if len(body) > BODY_BYTES_MAXIMUM:
        raise too_large("The decompressed body", BODY_BYTES_MAXIMUM)
    if not inflater.eof or inflater.unused_data:
        raise WireError("gzip", "The gzip body is cut short, or something follows it.")
    return body


def parse(body: bytes) -> ParsedBody:
    """Return what `body` holds. Raises WireError where not even its envelope can be read."""
    if len(body) > BODY_BYTES_MAXIMUM:
        raise too_large("The body", BODY_BYTES_MAXIMUM)
    _check_depth(body)
    try:
        wire = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _parse_piecewise(body, error)
    parsed = _envelope(wire)
    _check_count(len(wire.samples))
    for index, sample in enumerate(wire.samples):
        _take(parsed, index, sample)
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
    for index, sample in enumerate(samples):
        try:
            _take(parsed, index, msgspec.convert(sample, WireSample))
        except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
            parsed.errors.append((index, _named(index, error)))
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


def _envelope(wire: WireBody) -> ParsedBody:
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


def _take(parsed: ParsedBody, index: int, sample: WireSample) -> None:
    """Add `sample` to the good ones, or what is wrong with it to the errors."""
    try:
        parsed.samples.append(_checked(index, sample))
    except WireError as error:
        parsed.errors.append((index, error))


def _checked(index: int, sample: WireSample) -> Sample:
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
    return Sample(
        index=index,
        time_ms=round(sample.time * 1000),
        series=series,
        row=row,
        processes=_processes(sample.processes) if sample.processes else [],
    )


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


def _processes(processes: list[WireProcess]) -> list[WireProcess]:
    return [
        WireProcess(
            pid=min(max(0, process.pid), 2**31),
            name=names.clean(process.name),
            cpu_percent=process.cpu_percent if math.isfinite(process.cpu_percent) else 0.0,
            memory_bytes=min(max(0, process.memory_bytes), 2**60),
        )
        for process in processes[:PROCESSES_MAXIMUM]
    ]


def _check_count(count: int) -> None:
    if not 1 <= count <= SAMPLES_MAXIMUM:
        raise WireError(
            "samples",
            f"`samples` must hold 1 to {SAMPLES_MAXIMUM} samples, not {count}.",
            status=413 if count else 400,
            at="samples",
            limit=SAMPLES_MAXIMUM,
        )


def _check_depth(body: bytes) -> None:
    """Raise WireError if brackets nest deeper than the limit, strings left aside.

    A few passes in C over what is left of the body without its ordinary characters: 5 µs for a
    sample of 60 values, where a scanner in Python would take a millisecond.
    """
    marks = body.translate(None, _STRAY)
    if b"\\" in marks or marks.count(b'""') * 2 != marks.count(b'"'):
        marks = _STRINGS.sub(b"", body).translate(None, _STRAY)
    brackets = marks.replace(b'"', b"").translate(_PAIRS)
    for _ in range(DEPTH_MAXIMUM):
        if not brackets:
            return
        brackets = brackets.replace(b"{}", b"")
    # Brackets that do not pair are the parser's to report, unless they open without end.
    if brackets.count(b"{") > DEPTH_MAXIMUM or brackets.count(b"{}"):
        raise WireError(
            "depth",
            f"The body nests deeper than {DEPTH_MAXIMUM} levels.",
            at="body",
            limit=DEPTH_MAXIMUM,
        )
