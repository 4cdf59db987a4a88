"""The quick reader: what it reads is what the careful reading reads."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import parsing, readers, wire
from metrics.readers import KnownSeries
from tests import factories
from tests.conftest import AgentApi

VALUES: dict[str, Any] = {
    "cpu_percent": 12.5,
    "disk_percent": {"/": 71.2, "/var": 40.0, "Daten ü": 3.0},
    "load_1m": 0.1,
    "disk_total_bytes": {"/": 1.0, "/var": 2.0, "Daten ü": 3.0},
}
NUMBERS = st.floats(-1e18, 1e18) | st.integers(-(10**18), 10**18)


def known_from(values: dict[str, Any]) -> KnownSeries | None:
    (block,) = parsing.parse(bytes_of(values)).blocks
    return readers.known(block.series)


def bytes_of(*samples: dict[str, Any], **envelope: Any) -> bytes:
    at = time.time()
    body = [{"time": at + place, "values": values} for place, values in enumerate(samples)]
    return json.dumps(factories.body(*body, **envelope)).encode()


def with_numbers(numbers: list[float]) -> dict[str, Any]:
    given = iter(numbers)
    return {
        name: {key: next(given) for key in value} if isinstance(value, dict) else next(given)
        for name, value in VALUES.items()
    }


class TestReader:
    @settings(deadline=None)
    @given(st.lists(st.lists(NUMBERS, min_size=8, max_size=8), min_size=1, max_size=20))
    def test_reads_what_the_careful_reading_reads(self, rows):
        body = bytes_of(*map(with_numbers, rows), sent_at=time.time(), backlog=3)

        quick = parsing.parse(body, known_from(VALUES))

        assert known_from(VALUES).reader.read(body)
        careful = parsing.parse(body)
        assert np.array_equal(quick.blocks[0].values, careful.blocks[0].values)
        assert quick.blocks[0].times_ms == careful.blocks[0].times_ms
        assert quick.blocks[0].series == careful.blocks[0].series
        assert (quick.sent_at, quick.backlog) == (careful.sent_at, careful.backlog)

    def test_takes_the_series_in_any_order(self):
        turned = dict(reversed(VALUES.items()))

        quick = parsing.parse(bytes_of(turned), known_from(VALUES))

        assert quick.blocks[0].values.tolist() == [[12.5, 71.2, 40.0, 3.0, 0.1, 1.0, 2.0, 3.0]]

    @pytest.mark.parametrize(
        "values",
        [
            {**VALUES, "load_5m": 1.0},
            {name: VALUES[name] for name in ("cpu_percent", "load_1m")},
            {**VALUES, "disk_percent": {"/": 1.0, "/var": 2.0}},
            {**VALUES, "disk_percent": 1.0},
            {**VALUES, "cpu_percent": {"0": 1.0}},
        ],
        ids=["more", "fewer", "an instance gone", "no instances", "an instance"],
    )
    def test_leaves_other_series_to_the_careful_reading(self, values):
        quick = parsing.parse(bytes_of(values), known_from(VALUES))

        assert quick.blocks[0].series == parsing.parse(bytes_of(values)).blocks[0].series

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"cpu_percent": 2e18}, "value"), ({"cpu_percent": "high"}, "sample")],
    )
    def test_leaves_faults_to_be_named(self, change, code):
        parsed = parsing.parse(bytes_of(VALUES, {**VALUES, **change}), known_from(VALUES))

        assert [error.code for _, error in parsed.errors] == [code]

    def test_leaves_a_wrong_time_to_be_named(self):
        body = msgspec.json.encode(factories.body(factories.sample(1e12, **VALUES)))

        parsed = parsing.parse(body, known_from(VALUES))

        assert [error.code for _, error in parsed.errors] == ["time"]

    def test_refuses_a_body_of_too_many_samples(self):
        body = bytes_of(*[{"cpu_percent": 1.0}] * (wire.SAMPLES_MAXIMUM + 1))

        with pytest.raises(wire.WireError, match="must hold"):
            parsing.parse(body, known_from({"cpu_percent": 1.0}))

    @pytest.mark.parametrize("name", ["C:\\", 'the "big" disk'])
    def test_is_not_made_for_names_that_json_escapes(self, name):
        assert known_from({"disk_percent": {name: 1.0}}) is None

    def test_is_not_made_for_very_many_series(self):
        cores = {str(core): 1.0 for core in range(500)}

        assert known_from({f"m{place}": cores for place in range(3)}) is None


class TestAgentsBodies:
    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ["/", "C:\\", 'the "big" disk', "ü", "cpu\u202e", ""])
    def test_are_taken_again_and_again_whatever_an_instance_is_called(
        self, agent_api: AgentApi, name
    ):
        at = time.time()

        answers = [
            agent_api.send(factories.sample(at + step / 10, disk_percent={name: step, "b": 1}))
            for step in range(4)
        ]

        assert [answer.json().get("accepted") for answer in answers] == [1] * 4
