"""The prepared requests: the server and VictoriaMetrics are sent the same values."""

from __future__ import annotations

import gzip
import json

import pytest

from benchmarks import bodies, fleet
from benchmarks.bodies import Moment, Sender
from metrics import parsing

RUN = fleet.machine(2, 3)
TIMES = (1_763_900_000_001, 1_763_900_010_002, 1_763_900_020_000)
SENDER = Sender("web-1", "tara_token")


def body_of(request: bytes) -> bytes:
    """Return the body of a request whose head gives its length."""
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head
    return body


def moments(texts: list[bytes]) -> list[Moment]:
    return [Moment(*pair) for pair in zip(texts, TIMES, strict=True)]


def sent() -> list[dict[tuple[str, str], float]]:
    return [dict(zip(RUN.series, row, strict=True)) for row in RUN.values.tolist()]


class TestTaraRequest:
    @pytest.mark.parametrize(
        ("door", "unpack"),
        [(bodies.tara_request, bytes), (bodies.tara_gzip_request, gzip.decompress)],
        ids=["plain", "gzip"],
    )
    def test_is_read_by_the_server_as_what_was_simulated(self, door, unpack):
        body = unpack(body_of(door(SENDER, moments(bodies.json_texts(RUN)))))

        parsed = parsing.parse(body)

        assert parsed.errors == []
        (block,) = parsed.blocks
        assert block.times_ms == list(TIMES)
        read = [dict(zip(block.series, row, strict=True)) for row in block.values.tolist()]
        assert read == sent()


class TestVictoriaRequest:
    def test_by_influx_lines_has_every_value(self):
        body = body_of(bodies.victoria_request(SENDER, moments(bodies.influx_texts(RUN))))

        read: dict[int, list[float]] = {time_ms: [] for time_ms in TIMES}
        for line in body.decode().splitlines():
            tags, fields, time_ms = line.split(" ")
            assert tags.startswith("tara,agent=web-1")
            read[int(time_ms)] += [float(each.split("=")[1]) for each in fields.split(",")]
        assert [sorted(row) for row in read.values()] == [
            sorted(row) for row in RUN.values.tolist()
        ]

    def test_by_import_has_every_value(self):
        body = body_of(bodies.victoria_import(SENDER, moments(bodies.column_texts(RUN))))

        series = [json.loads(line) for line in body.splitlines()]
        assert [each["values"] for each in series] == RUN.values.T.tolist()
        assert all(each["timestamps"] == list(TIMES) for each in series)
        labels = [each["metric"] for each in series]
        assert {"__name__": "tara_disk_percent", "agent": "web-1", "mount": "/var"} in labels
        assert {"__name__": "tara_load_1m", "agent": "web-1"} in labels
