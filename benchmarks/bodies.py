"""Requests as bytes, made ahead: the same samples for taraSysDash and for VictoriaMetrics.

A sample's text is made once, with marks where its time and its agent go, so that a request of any
agent at any time is a few replacements away.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from benchmarks.fleet import Run, SeriesName, machine

TIME: Final = b"@TIME"
AGENT: Final = b"@AGENT"
MEASUREMENT: Final = "tara"
_INSTANCE_LABELS: Final = {
    "cpu": "core",
    "disk": "mount",
    "device": "device",
    "network": "interface",
}


class Sender(NamedTuple):
    """Who sends: the agent's id, and the token that taraSysDash knows it by."""

    agent_id: str
    token: str


class Moment(NamedTuple):
    """A sample's text in a door's form, and when it was taken."""

    text: bytes
    time_ms: int


Door = Callable[[Sender, Sequence[Moment]], bytes]
"""Returns a whole HTTP request of one sender's samples."""


def json_texts(run: Run) -> list[bytes]:
    """Return each sample as the agent writes it, with TIME where its time goes."""
    pairs = ",".join(
        f'"{metric}":{places[0]}'
        if names == [""]
        else f'"{metric}":{{{",".join(map("{}:{}".format, map(_quoted, names), places))}}}'
        for metric, names, places in _grouped(run.series)
    )
    return _filled(run, '{"time":' + TIME.decode() + ',"values":{' + pairs + "}}")


def influx_texts(run: Run) -> list[bytes]:
    """Return each sample in Influx line protocol: a line for each instance that it has."""
    lines: dict[str, list[str]] = {}
    for name in run.series:
        lines.setdefault(_tags(name), []).append(f"{name.metric}={_place(name)}")
    head, tail = f"{MEASUREMENT},agent={AGENT.decode()}", f" {TIME.decode()}\n"
    parts = [f"{head}{tags} {','.join(fields)}{tail}" for tags, fields in lines.items()]
    # The values go in by the lines' order, which is not that of the series.
    order = [at for tags in lines for at, name in enumerate(run.series) if _tags(name) == tags]
    return _filled(replace(run, values=run.values[:, order]), "".join(parts))


def column_texts(run: Run) -> list[bytes]:
    """Return each sample as its values alone, in the order of the series."""
    return _filled(run, ",".join(map(_place, run.series)))


def tara_request(sender: Sender, moments: Sequence[Moment]) -> bytes:
    """Return the request that the agent would make, uncompressed."""
    return _tara(sender, _envelope(moments), encoding="")


def tara_gzip_request(sender: Sender, moments: Sequence[Moment]) -> bytes:
    """Return the request as the agent makes it of bodies above 2 KB: with gzip."""
    compressor = zlib.compressobj(wbits=31)
    packed = compressor.compress(_envelope(moments)) + compressor.flush()
    return _tara(sender, packed, encoding="Content-Encoding: gzip\r\n")


def victoria_request(sender: Sender, moments: Sequence[Moment]) -> bytes:
    """Return a request in Influx line protocol, times in milliseconds."""
    agent = sender.agent_id.encode()
    body = b"".join(
        moment.text.replace(TIME, b"%d" % moment.time_ms).replace(AGENT, agent)
        for moment in moments
    )
    return post("/write?precision=ms", body)


def victoria_import(sender: Sender, moments: Sequence[Moment]) -> bytes:
    """Return a request to the JSON import: a line a series, made of samples' `column_texts`."""
    times = b",".join(b"%d" % moment.time_ms for moment in moments)
    columns = zip(*(moment.text.split(b",") for moment in moments), strict=True)
    agent = sender.agent_id.encode()
    lines = (
        head.replace(AGENT, agent) + b",".join(values) + b'],"timestamps":[' + times + b"]}"
        for head, values in zip(_import_heads(), columns, strict=True)
    )
    return post("/api/v1/import", b"\n".join(lines))


def post(path: str, body: bytes, *, headers: str = "") -> bytes:
    """Return a POST; `headers` are whole lines."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, *, headers: str = "") -> bytes:
    """Return a GET; `headers` are whole lines."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def _tara(sender: Sender, body: bytes, *, encoding: str) -> bytes:
    headers = (
        f"Authorization: Bearer {sender.token}\r\nContent-Type: application/json\r\n{encoding}"
    )
    return post("/api/v1/ingest/", body, headers=headers)


def _envelope(moments: Sequence[Moment]) -> bytes:
    samples = b",".join(
        moment.text.replace(TIME, b"%.3f" % (moment.time_ms / 1000)) for moment in moments
    )
    sent_at = moments[-1].time_ms / 1000
    head = b'{"version":1,"sent_at":%.3f,"dropped":{},"backlog":0,"samples":[' % sent_at
    return head + samples + b"]}"


def _grouped(series: Sequence[SeriesName]) -> list[tuple[str, list[str], list[str]]]:
    """Return each metric with its instances and the places of their values."""
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for name in series:
        names, places = groups.setdefault(name.metric, ([], []))
        names.append(name.instance)
        places.append(_place(name))
    return [(metric, *group) for metric, group in groups.items()]


@cache
def _import_heads() -> list[bytes]:
    """Return how the line of each series begins."""
    labels = [
        {"__name__": f"{MEASUREMENT}_{name.metric}", "agent": AGENT.decode(), **_instance(name)}
        for name in machine(0, 1).series
    ]
    return [f'{{"metric":{json.dumps(each)},"values":['.encode() for each in labels]


def _place(name: SeriesName) -> str:
    return "%s" if name.decimals else "%d"


def _instance(name: SeriesName) -> dict[str, str]:
    """Return what the instance is and its name; empty where the series has none."""
    label = _INSTANCE_LABELS.get(name.metric.partition("_")[0], "")
    return {label: name.instance} if name.instance else {}


def _tags(name: SeriesName) -> str:
    return "".join(f",{label}={instance}" for label, instance in _instance(name).items())


def _quoted(name: str) -> str:
    return f'"{name}"'


def _filled(run: Run, template: str) -> list[bytes]:
    return [(template % tuple(row)).encode() for row in run.values.tolist()]
