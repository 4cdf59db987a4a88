"""The codec: what comes out is what went in, and damage is found, named and contained."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from metrics import codec
from metrics.names import SeriesKey

CPU = SeriesKey("cpu_percent", "")
DISK = SeriesKey("disk_used_bytes", "/var")
CUSTOM = SeriesKey("queue_length", "a b")
FINITE = st.floats(-1e18, 1e18)
VALUES = (
    st.just(float("nan"))
    | FINITE
    | st.floats(0, 100).map(lambda value: round(value, 1))
    | st.integers(-(2**53), 2**53).map(float)
    | st.sampled_from([0.0, 1e18, -1e18, 0.1 + 0.2, 2.0**31, -(2.0**31) - 1, 5e-324])
)


def times(count: int) -> codec.Times:
    return np.arange(count, dtype=np.int64) * 10_000 + 1_763_900_000_000


def decoded(chunk: bytes, *metrics: str) -> dict[SeriesKey, codec.Values]:
    _, columns, damage = codec.decode(chunk, metrics or None)
    assert damage == []
    return columns


@st.composite
def tables(draw: st.DrawFn) -> tuple[codec.Times, dict[SeriesKey, codec.Values]]:
    count = draw(st.integers(1, 60))
    steps = draw(arrays.arrays(np.int64, count, elements=st.integers(1, 10**7)))
    keys = draw(st.sets(st.sampled_from([CPU, DISK, CUSTOM, SeriesKey("load_1m", "")])))
    columns = {key: draw(arrays.arrays(np.float64, count, elements=VALUES)) for key in keys}
    return 1_763_900_000_000 + np.cumsum(steps), columns


class TestRoundTrip:
    @settings(max_examples=400, deadline=None)
    @given(tables())
    def test_gives_back_every_value_and_every_gap(self, table):
        moments, columns = table

        back, found, damage = codec.decode(codec.encode(moments, columns))

        assert damage == []
        assert np.array_equal(back, moments)
        assert set(found) == {key for key in columns if not np.isnan(columns[key]).all()}
        for key, values in found.items():
            assert np.array_equal(values, columns[key], equal_nan=True)

    def test_decodes_only_what_is_asked_for(self):
        chunk = codec.encode(times(3), {CPU: np.array([1.0, 2, 3]), DISK: np.array([4.0, 5, 6])})

        assert list(decoded(chunk, "cpu_percent")) == [CPU]
        assert codec.series_in(chunk) == [CPU, DISK]


class TestStatistics:
    def test_of_a_series_are_columns_of_their_own(self):
        columns = {
            codec.ColumnKey(*CPU, statistic): np.array([1.5, np.nan, 2.5 + statistic])
            for statistic in codec.Statistic
        }

        back, found, damage = codec.decode_columns(codec.encode_columns(times(3), columns))

        assert (back.tolist(), damage) == (times(3).tolist(), [])
        assert found.keys() == columns.keys()
        for key, values in found.items():
            assert np.array_equal(values, columns[key], equal_nan=True)


class TestVersionBefore:
    def test_is_still_read(self):
        chunk = codec.encode(times(3), {CPU: np.array([1.0, 2, 3]), DISK: np.full(3, 7e9)})
        length = int.from_bytes(chunk[4:8], "little")
        header = zlib.decompress(chunk[12 : 12 + length])
        lengths = np.array([len(header), zlib.crc32(header)], "<u4").tobytes()

        found = decoded(b"trc\x01" + lengths + header + chunk[12 + length :])

        assert found[CPU].tolist() == [1.0, 2.0, 3.0]
        assert found[DISK].tolist() == [7e9] * 3


class TestSize:
    def test_of_a_constant_column_is_a_few_bytes(self):
        one = codec.encode(times(8640), {CPU: np.zeros(8640)})
        two = codec.encode(times(8640), {CPU: np.zeros(8640), DISK: np.full(8640, 7e9)})

        assert len(two) - len(one) < 64

    def test_of_values_in_the_catalogue_s_precision_is_that_of_integers(self):
        rng = np.random.default_rng(7)
        walk = np.clip(np.cumsum(rng.normal(0, 0.3, 8640)) + 50, 0, 100)

        rounded = codec.encode(times(8640), {CPU: walk.round(1)})
        whole = codec.encode(times(8640), {CPU: walk})

        assert len(rounded) < 8640
        assert len(rounded) < len(whole) / 4


class TestDamage:
    @pytest.fixture
    def chunk(self) -> bytes:
        rng = np.random.default_rng(7)
        columns = {CPU: rng.integers(0, 1000, 500) / 10, DISK: rng.random(500) * 1e9}
        return codec.encode(times(500), columns)

    def test_of_one_column_costs_that_column_and_names_it(self, chunk):
        spoiled = chunk[:-10] + bytes([chunk[-10] ^ 1]) + chunk[-9:]

        _, columns, damage = codec.decode(spoiled)

        assert list(columns) == [CPU]
        assert [error.what for error in damage] == ["disk_used_bytes /var"]

    @pytest.mark.parametrize("position", [0, 3, 5, 9, 40])
    def test_of_the_head_is_found(self, chunk, position):
        spoiled = chunk[:position] + bytes([chunk[position] ^ 1]) + chunk[position + 1 :]

        with pytest.raises(codec.ChunkDamaged, match="header"):
            codec.decode(spoiled)

    @pytest.mark.parametrize("length", [0, 3, 8, 30])
    def test_of_a_chunk_that_is_cut_short_is_found(self, chunk, length):
        with pytest.raises(codec.ChunkDamaged):
            codec.decode(chunk[:length])

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0), st.integers(1, 255))
    def test_of_any_byte_never_changes_a_value(self, position, flip):
        moments, values = times(50), np.random.default_rng(7).random(50)
        chunk = bytearray(codec.encode(moments, {CPU: values}))
        chunk[position % len(chunk)] ^= flip

        try:
            back, columns, damage = codec.decode(bytes(chunk))
        except codec.ChunkDamaged:
            return
        assert np.array_equal(back, moments)
        assert damage or np.array_equal(columns[CPU], values)
