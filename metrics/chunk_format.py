"""What stands in a chunk: its header, where its blobs are, and how damage is found.

A chunk is, little-endian: 4 bytes of mark and version, the header's length and CRC-32 (uint32
each), the header (MessagePack, deflated), then the blobs it points to. Every blob has its own
checksum, so that a query decodes the series it draws and nothing else, and damage costs one series.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

MARK: Final = b"trc\x03"
"""Names the format and its version, which is the last byte."""

_WITHOUT_MIRRORS: Final = b"trc\x02"
_PLAIN: Final = b"trc\x01"
"""The versions before: no column mirrors another; and the header is not compressed."""

_PREFIX: Final = len(MARK) + 8
_HEADER_LEVEL: Final = 4


class ChunkDamaged(Exception):  # noqa: N818  (reads as the claim it is)
    """A chunk, or one column of it, that is not what was written; `what` names it."""

    def __init__(self, what: str) -> None:
        """`what` is "header", "times" or the series."""
        super().__init__(what)
        self.what = what


class Kind(IntEnum):
    """How a column is stored. The last two are another's integers, plus or less an offset."""

    CONSTANT = 0
    SCALED = 1
    FLOAT = 2
    PARALLEL = 3
    MIRRORED = 4


class Statistic(IntEnum):
    """What the numbers of a column are: samples, or one figure of each bucket."""

    VALUE = 0
    COUNT = 1
    TOTAL = 2
    MINIMUM = 3
    MAXIMUM = 4


class ColumnKey(NamedTuple):
    """What a column is called within its chunk."""

    metric: str
    instance: str
    statistic: Statistic

    @property
    def what(self) -> str:
        """The series, as damage names it."""
        return f"{self.metric} {self.instance}".strip()


class Columns(NamedTuple):
    """Columns of common times: `values` has a row a key, NaN for what is missing."""

    times_ms: Times
    keys: Sequence[ColumnKey]
    values: Values


class Blob(NamedTuple):
    """Where bytes stand behind the header, and their CRC-32. A length of 0 is no blob."""

    offset: int = 0
    length: int = 0
    checksum: int = 0


class Column(msgspec.Struct, array_like=True, frozen=True):
    """One column of a chunk.

    `constant` is the value of a CONSTANT, and the offset of a mirror in integers; `decimals` is how
    integers are scaled. `present` are bits, a sample each, of the samples that have this series; no
    blob if all have. `of` is the place of the column that a mirror is of.
    """

    metric: str
    instance: str
    kind: Kind
    decimals: int = 0
    constant: float = 0.0
    values: Blob = Blob()
    present: Blob = Blob()
    statistic: Statistic = Statistic.VALUE
    of: int = 0

    @property
    def key(self) -> ColumnKey:
        """What it is called."""
        return ColumnKey(self.metric, self.instance, self.statistic)


class Header(msgspec.Struct, array_like=True, frozen=True):
    """What stands in a chunk, and where."""

    count: int
    times: Blob
    columns: list[Column]


_HEADERS: Final = msgspec.msgpack.Decoder(Header)


class Blobs:
    """Blobs as they are added, one behind the other; what was added before is shared."""

    def __init__(self) -> None:
        """Start without any."""
        self.parts: list[bytes] = []
        self._size = 0
        self._shared: dict[bytes, Blob] = {}

    def add(self, data: bytes) -> Blob:
        """Append a blob."""
        blob = Blob(self._size, len(data), zlib.crc32(data))
        self.parts.append(data)
        self._size += len(data)
        return blob

    def share(self, data: bytes) -> Blob:
        """Append a blob that others may be equal to."""
        if data not in self._shared:
            self._shared[data] = self.add(data)
        return self._shared[data]


def closed(header: Header, blobs: Blobs) -> bytes:
    """Return the chunk."""
    packed = zlib.compress(msgspec.msgpack.encode(header), _HEADER_LEVEL)
    prefix = MARK + np.array([len(packed), zlib.crc32(packed)], "<u4").tobytes()
    return b"".join([prefix, packed, *blobs.parts])


class OpenChunk:
    """A chunk whose header has been read."""

    def __init__(self, chunk: bytes) -> None:
        """Read the header. Raises ChunkDamaged."""
        mark = chunk[: len(MARK)]
        if mark not in {MARK, _WITHOUT_MIRRORS, _PLAIN} or len(chunk) < _PREFIX:
            raise ChunkDamaged("header")
        length = int.from_bytes(chunk[len(MARK) : len(MARK) + 4], "little")
        checksum = int.from_bytes(chunk[len(MARK) + 4 : _PREFIX], "little")
        packed = chunk[_PREFIX : _PREFIX + length]
        if len(packed) != length or zlib.crc32(packed) != checksum:
            raise ChunkDamaged("header")
        try:
            plain = packed if mark == _PLAIN else zlib.decompress(packed)
            self.header = _HEADERS.decode(plain)
        except (zlib.error, msgspec.MsgspecError) as error:
            raise ChunkDamaged("header") from error
        self._chunk = chunk
        self._start = _PREFIX + length

    def blob(self, blob: Blob, what: str) -> bytes:
        """Return the bytes of a blob. Raises ChunkDamaged about `what` it holds."""
        start = self._start + blob.offset
        data = self._chunk[start : start + blob.length]
        if len(data) != blob.length or zlib.crc32(data) != blob.checksum:
            raise ChunkDamaged(what)
        return data
