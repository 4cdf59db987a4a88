"""The codec: what comes out is what went in, and damage is found, named and contained."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from metrics import codec, samples
from metrics.names import SeriesKey
from metrics.samples import Samples

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


def encoded(moments: codec.Times, columns: dict[SeriesKey, codec.Values]) -> bytes:
    rows = np.array(list(columns.values()), np.float64).reshape(len(columns), len(moments))
    return samples.encode(Samples(moments, list(columns), rows))


def read(chunk: bytes, *metrics: str) -> tuple[codec.Times, dict[SeriesKey, codec.Values], list]:
    (moments, keys, values), damage = samples.decode(chunk, metrics or None)
    return moments, dict(zip(keys, values, strict=True)), damage


def decoded(chunk: bytes, *metrics: str) -> dict[SeriesKey, codec.Values]:
    _, columns, damage = read(chunk, *metrics)
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

        back, found, damage = read(encoded(moments, columns))

        assert damage == []
        assert np.array_equal(back, moments)
        assert set(found) == {key for key in columns if not np.isnan(columns[key]).all()}
        for key, values in found.items():
            assert np.array_equal(values, columns[key], equal_nan=True)

    def test_decodes_only_what_is_asked_for(self):
        chunk = encoded(times(3), {CPU: np.array([1.0, 2, 3]), DISK: np.array([4.0, 5, 6])})

        assert list(decoded(chunk, "cpu_percent")) == [CPU]
        assert codec.series_in(chunk) == [CPU, DISK]


class TestStatistics:
    def test_of_a_series_are_columns_of_their_own(self):
        keys = [codec.ColumnKey(*CPU, statistic) for statistic in codec.Statistic]
        values = np.array([[1.5, np.nan, 2.5 + number] for number in range(len(keys))])

        found, damage = codec.decode(codec.encode(codec.Columns(times(3), keys, values)))

        assert damage == []
        assert found.times_ms.tolist() == times(3).tolist()
        assert found.keys == keys
        assert np.array_equal(found.values, values, equal_nan=True)


class TestMirror:
    WALK = np.clip(np.cumsum(np.random.default_rng(7).normal(0, 9, 8640)) + 5e4, 0, 1e5).round()
    FREE = SeriesKey("disk_free_bytes", "/var")

    @pytest.mark.parametrize("sign", [1, -1])
    def test_of_a_column_costs_next_to_nothing(self, sign):
        alone = encoded(times(8640), {DISK: self.WALK})
        both = encoded(times(8640), {DISK: self.WALK, self.FREE: 1e9 + sign * self.WALK})

        assert len(both) - len(alone) < 48
        assert np.array_equal(decoded(both, "disk_free_bytes")[self.FREE], 1e9 + sign * self.WALK)

    def test_is_none_if_one_value_differs(self):
        free = 1e9 - self.WALK
        free[4711] += 1

        found = decoded(encoded(times(8640), {DISK: self.WALK, self.FREE: free}))

        assert np.array_equal(found[self.FREE], free)

    def test_is_told_of_other_samples_than_its_original(self):
        moved = self.WALK.copy()
        moved[100:200] = np.nan
        shifted = np.roll(moved, 100)

        found = decoded(encoded(times(8640), {DISK: moved, self.FREE: shifted}))

        assert np.array_equal(found[DISK], moved, equal_nan=True)
        assert np.array_equal(found[self.FREE], shifted, equal_nan=True)

    def test_is_damaged_with_its_original(self):
        chunk = encoded(times(8640), {DISK: self.WALK, self.FREE: 1e9 - self.WALK})
        spoiled = chunk[:-10] + bytes([chunk[-10] ^ 1]) + chunk[-9:]

        _, columns, damage = read(spoiled)

        assert columns == {}
        assert [error.what for error in damage] == ["disk_used_bytes /var", "disk_used_bytes /var"]


class TestVersionsBefore:
    def test_are_still_read(self):
        chunk = encoded(times(3), {CPU: np.array([1.0, 2, 3]), DISK: np.full(3, 7e9)})
        length = int.from_bytes(chunk[4:8], "little")
        header = zlib.decompress(chunk[12 : 12 + length])
        lengths = np.array([len(header), zlib.crc32(header)], "<u4").tobytes()

        second = b"trc\x02" + chunk[4:]
        first = b"trc\x01" + lengths + header + chunk[12 + length :]

        for found in map(decoded, (first, second)):
            assert found[CPU].tolist() == [1.0, 2.0, 3.0]
            assert found[DISK].tolist() == [7e9] * 3


class TestSize:
    def test_of_a_constant_column_is_a_few_bytes(self):
        one = encoded(times(8640), {CPU: np.zeros(8640)})
        two = encoded(times(8640), {CPU: np.zeros(8640), DISK: np.full(8640, 7e9)})

        assert len(two) - len(one) < 64

    def test_of_values_in_the_catalogue_s_precision_is_that_of_integers(self):
        rng = np.random.default_rng(7)
        walk = np.clip(np.cumsum(rng.normal(0, 0.3, 8640)) + 50, 0, 100)

        rounded = encoded(times(8640), {CPU: walk.round(1)})
        whole = encoded(times(8640), {CPU: walk})

        assert len(rounded) < 8640
        assert len(rounded) < len(whole) / 4


class TestDamage:
    @pytest.fixture
    def chunk(self) -> bytes:
        rng = np.random.default_rng(7)
        columns = {CPU: rng.integers(0, 1000, 500) / 10, DISK: rng.random(500) * 1e9}
        return encoded(times(500), columns)

    def test_of_one_column_costs_that_column_and_names_it(self, chunk):
        spoiled = chunk[:-10] + bytes([chunk[-10] ^ 1]) + chunk[-9:]

        _, columns, damage = read(spoiled)

        assert list(columns) == [CPU]
        assert [error.what for error in damage] == ["disk_used_bytes /var"]

    @pytest.mark.parametrize("position", [0, 2, 5, 9, 40])
    def test_of_the_head_is_found(self, chunk, position):
        spoiled = chunk[:position] + bytes([chunk[position] ^ 1]) + chunk[position + 1 :]

        with pytest.raises(codec.ChunkDamaged, match="header"):
            read(spoiled)

    @pytest.mark.parametrize("length", [0, 3, 8, 30])
    def test_of_a_chunk_that_is_cut_short_is_found(self, chunk, length):
        with pytest.raises(codec.ChunkDamaged):
            read(chunk[:length])

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0), st.integers(1, 255))
    def test_of_any_byte_never_changes_a_value(self, position, flip):
        moments, values = times(50), np.random.default_rng(7).random(50)
        chunk = bytearray(encoded(moments, {CPU: values}))
        chunk[position % len(chunk)] ^= flip

        try:
            back, columns, damage = read(bytes(chunk))
        except codec.ChunkDamaged:
            return
        assert np.array_equal(back, moments)
        assert damage or np.array_equal(columns[CPU], values)
