"""Parsing: whatever the bytes, the outcome is a body or a WireError."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics import bounds, parsing, wire
from tests import factories

NUMBERS = (
    st.integers()
    | st.floats()
    | st.sampled_from([2**63, 2**70, -(2**64), 1e18, 1.1e18, 1e308, 1_763_900_000, 1e12])
)
NAMES = st.sampled_from(["cpu_percent", "disk_percent", "a"]) | st.text(max_size=300)
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
SAMPLES = JUNK | st.fixed_dictionaries(
    {"time": NUMBERS, "values": st.dictionaries(NAMES, JUNK | NUMBERS, max_size=5)},
    optional={"processes": JUNK},
)
BODIES = JUNK | st.fixed_dictionaries(
    {"version": st.just(1) | JUNK, "samples": st.lists(SAMPLES, max_size=5) | JUNK},
    optional={"agent": JUNK, "sent_at": JUNK, "dropped": JUNK, "backlog": JUNK, "x": JUNK},
)


def outcome(data: bytes) -> wire.ParsedBody | wire.WireError:
    try:
        return parsing.parse(data)
    except wire.WireError as error:
        return error


class TestParse:
    @settings(max_examples=1500, deadline=None)
    @given(BODIES)
    @example({"version": 1, "samples": [{"time": 33_658 * 365 * 86_400, "values": {"a": 1}}]})
    def test_any_json_becomes_samples_or_a_named_fault(self, body):
        result = outcome(json.dumps(body).encode("utf-8", "surrogatepass"))

        if isinstance(result, wire.ParsedBody):
            count = sum(len(block.times_ms) for block in result.blocks)
            assert count + len(result.errors) == len(body["samples"])
            for block in result.blocks:
                shape = (len(block.times_ms), len(set(block.series)))
                assert block.values.shape == shape
                assert (abs(block.values) <= wire.VALUE_MAXIMUM).all()
            assert all(error.at for _, error in result.errors)

    @settings(max_examples=1500, deadline=None)
    @given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400))
    def test_any_bytes_in_a_good_body_do_no_harm(self, noise, start, length):
        good = json.dumps(factories.body(factories.sample(time.time(), a=1.0, b={"/": 2}))).encode()

        outcome(good[:start] + noise + good[start + length :])

    def test_a_body_of_the_largest_size_is_quick(self):
        data = b'{"version":1,"samples":[' + b'{"time":1},' * 90_000 + b"0]}"

        start = time.perf_counter()
        assert isinstance(outcome(data), wire.WireError)
        assert time.perf_counter() - start < 1


class TestDepth:
    @pytest.mark.parametrize(
        "text",
        [
            '{"version":1,"samples":[],"x":[[[[[[[]]]]]]]}',
            '{"version":1,"samples":[],"x":"[[[[[[[[[[[["}',
            '{"version":1,"samples":[],"[[[[[[[[[[":1}',
            '{"version":1,"samples":[],"x":"\\"[[[[[[[[[["}',
            '{"version":1,"samples":[],"x":["[",["[",["[",["[",["["]]]]]}',
        ],
    )
    def test_up_to_eight_levels_pass_and_brackets_in_strings_do_not_count(self, text):
        result = outcome(text.encode())

        assert isinstance(result, wire.WireError)
        assert result.code == "samples"

    @pytest.mark.parametrize(
        "text",
        [
            '{"version":1,"samples":[],"x":[[[[[[[[]]]]]]]]}',
            '{"version":1,"samples":[],"x":{"a":{"b":[{"c":[[[{}]]]}]}}}',
            '{"x":"[","y":[[[[[[[[1]]]]]]]]}',
            '{"x":"\\\\","y":[[[[[[[[1]]]]]]]]}',
        ],
    )
    def test_nine_levels_are_refused(self, text):
        result = outcome(text.encode())

        assert isinstance(result, wire.WireError)
        assert result.code == "depth"


class TestInflate:
    def test_returns_what_was_compressed(self):
        assert bounds.inflate(gzip.compress(b"abc")) == b"abc"
