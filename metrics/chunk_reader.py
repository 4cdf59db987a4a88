"""Reads the columns of a chunk that are asked for, as matrices; damage costs one column only."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pcodec import standalone

from metrics.chunk_format import (
    Blob,
    ChunkDamaged,
    ColumnKey,
    Columns,
    Kind,
    OpenChunk,
    Times,
    Values,
)
from metrics.mirrors import Integers, Mirror

_CELLS_A_BLOCK: Final = 131072
"""Values of a block: a day of a dozen series."""


class Reader:
    """Reads the columns of `metrics` (all where None); one that others mirror is decompressed once.

    `damage` names those that could not be read, as far as they have been. Raises ChunkDamaged if
    nothing can be read.
    """

    def __init__(self, chunk: bytes, metrics: Collection[str] | None) -> None:
        """Read the header and the times."""
        self._chunk = OpenChunk(chunk)
        header = self._chunk.header
        self._columns = header.columns
        self._integers: dict[int, Integers] = {}
        self._wanted = [
            place
            for place, column in enumerate(self._columns)
            if metrics is None or column.metric in metrics
        ]
        self.damage: list[ChunkDamaged] = []
        self.times_ms: Times = self._decompressed(header.times, "times", header.count).astype(
            np.int64
        )

    def __len__(self) -> int:
        """Return how many columns there are at most."""
        return len(self._wanted)

    def blocks(self) -> Iterator[tuple[list[ColumnKey], Values]]:
        """Yield all columns that can be read, as matrices of some rows each.

        The memory of one serves the next, if it is let go: all at once, it would be given back to
        the system and taken anew each time, which cost a tenth of the time of a page of a day.
        """
        height = max(1, _CELLS_A_BLOCK // len(self.times_ms))
        for first in range(0, len(self._wanted), height):
            keys, values = self._matrix(self._wanted[first : first + height])
            if keys:
                yield keys, values

    def columns(self) -> Columns:
        """Return all columns that can be read as one matrix."""
        return Columns(self.times_ms, *self._matrix(self._wanted))

    def _matrix(self, places: Sequence[int]) -> tuple[list[ColumnKey], Values]:
        values = np.empty((len(places), len(self.times_ms)))
        keys: list[ColumnKey] = []
        for place in places:
            if self._has_read(values[len(keys)], place):
                keys.append(self._columns[place].key)
        return keys, values[: len(keys)]

    def _has_read(self, row: Values, place: int) -> bool:
        try:
            self._read_into(row, place)
        except ChunkDamaged as error:
            self.damage.append(error)
            return False
        return True

    def _read_into(self, row: Values, place: int) -> None:
        """Write a column into `row`, NaN for what is missing."""
        column = self._columns[place]
        if not column.present.length:
            self._read_held(row, place)
            return
        bits = zlib.decompress(self._chunk.blob(column.present, column.key.what))
        present = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(row)).astype(bool)
        held = np.empty(np.count_nonzero(present))
        self._read_held(held, place)
        row.fill(np.nan)
        row[present] = held

    def _read_held(self, row: Values, place: int) -> None:
        """Write the values of the samples that have the series into `row`."""
        column = self._columns[place]
        if column.kind is Kind.CONSTANT:
            row.fill(column.constant)
        elif column.kind is Kind.FLOAT:
            row[:] = self._decompressed(column.values, column.key.what, len(row))
        else:
            np.divide(self._integers_of(place, len(row)), 10.0**column.decimals, out=row)

    def _integers_of(self, place: int, count: int) -> Integers:
        column = self._columns[place]
        if column.kind is not Kind.SCALED:
            sign = 1 if column.kind is Kind.PARALLEL else -1
            mirror = Mirror(column.of, sign, int(column.constant))
            # Only an original is ever mirrored, so that this goes one step deep.
            return mirror.of_original(self._integers_of(column.of, count))
        if place not in self._integers:
            self._integers[place] = self._decompressed(column.values, column.key.what, count)
        return self._integers[place]

    def _decompressed(self, blob: Blob, what: str, count: int) -> npt.NDArray[Any]:
        try:
            array: npt.NDArray[Any] | None = standalone.simple_decompress(
                self._chunk.blob(blob, what)
            )
        except RuntimeError as error:
            raise ChunkDamaged(what) from error
        if array is None or len(array) != count:
            raise ChunkDamaged(what)
        return array
