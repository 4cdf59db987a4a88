"""A reader for bodies whose samples all have one known list of series, ten times as quick.

An agent sends the same series for days. Given them, msgspec decodes straight into records that have
a field a series, so that no name is ever made a string, compared or checked again; any body that
differs by as much as a name, or that has a field it need not have, is left to metrics.parsing.
Written as MessagePack, records of one type all have their numbers at the same places, and a matrix
is taken from there at once. Measured for 60 values: 23 -> 5 microseconds a sample.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from metrics.names import SeriesKey, SeriesNames
from metrics.wire import AgentFacts, WireProcess

SERIES_AT_MOST: Final = 1024
"""The types of a reader take 300 bytes a series, and longer to make than to read without them."""

_NUMBER: Final = b"\xcb"
"""The mark of a float64 in MessagePack; the number follows it, big-endian."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Read(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body that its reader knew; `samples` have `time`, `values` and `processes`."""

    version: int
    samples: list[Any]
    sent_at: float | None = None
    agent: AgentFacts | None = None
    dropped: dict[str, int] = {}
    backlog: int = 0


class Reader:
    """Reads bodies whose samples have exactly these series, in any order."""

    def __init__(self, series: Sequence[SeriesKey]) -> None:
        """Make the types, which takes a third of a millisecond for 60 series."""
        self._values = _values_type(series)
        sample: Any = msgspec.defstruct(
            "KnownSample",
            [("time", float), ("values", self._values), ("processes", list[WireProcess], [])],
            forbid_unknown_fields=True,
        )
        fields: list[Any] = [("samples", list[sample])]
        body: Any = msgspec.defstruct("KnownBody", fields, bases=(Read,), kw_only=True)
        self.read: Callable[[bytes], Read] = msgspec.json.Decoder(body).decode
        self._size, self._places = self._find_places(series)

    def matrix(self, samples: Sequence[Any]) -> npt.NDArray[np.float64]:
        """Return the values of `samples`, a row a sample and a column a series."""
        packed = _encode([sample.values for sample in samples])
        head = len(packed) - self._size * len(samples)
        records = np.frombuffer(packed, np.uint8, offset=head).reshape(len(samples), self._size)
        return records.take(self._places, axis=1).view("<f8")

    def _find_places(self, series: Sequence[SeriesKey]) -> tuple[int, npt.NDArray[np.intp]]:
        """Return a record's length, and where its numbers' bytes stand, the lowest byte first.

        No name holds the bytes of a number, for these numbers have zero bytes and names do not.
        """
        numbers = [place + 0.5 for place in range(len(series))]
        packed = _encode(_filled(self._values, iter(numbers)))
        places: list[int] = []
        start = 0
        for number in numbers:
            start = packed.index(_NUMBER + struct.pack(">d", number), start) + len(_NUMBER)
            places += range(start + 7, start - 1, -1)
        return len(packed), np.array(places, np.intp)


def _values_type(series: Sequence[SeriesKey]) -> type[msgspec.Struct]:
    """Return the type of a sample's values: a number a metric, or a record of its instances."""
    fields: list[Any] = []
    for metric, keys in groupby(series, key=lambda key: key.metric):
        instances = tuple(key.instance for key in keys)
        kind: Any = float if instances == ("",) else _instances_type(instances)
        fields.append((f"f{len(fields)}", kind, msgspec.field(name=metric)))
    return msgspec.defstruct("KnownValues", fields, forbid_unknown_fields=True, gc=False)


@lru_cache(maxsize=4096)
def _instances_type(instances: tuple[str, ...]) -> type[msgspec.Struct]:
    """Return the type of the values of these instances; metrics with the same ones share it."""
    fields: list[Any] = [
        (f"f{place}", float, msgspec.field(name=name)) for place, name in enumerate(instances)
    ]
    return msgspec.defstruct("KnownInstances", fields, forbid_unknown_fields=True, gc=False)


def _filled(kind: type[msgspec.Struct], numbers: Any) -> msgspec.Struct:
    """Return a record whose values are the next numbers, in order."""
    return kind(
        *(
            next(numbers) if field.type is float else _filled(field.type, numbers)
            for field in msgspec.structs.fields(kind)
        )
    )


class KnownSeries(NamedTuple):
    """Series that an agent sent, and the reader of bodies that have them again."""

    series: SeriesNames
    reader: Reader


_ESCAPED: Final = frozenset('\\"')


def known(series: SeriesNames) -> KnownSeries | None:
    """Return the series with a reader; None where there can be none.

    Names that JSON escapes, such as that of a Windows drive, cannot be fields of msgspec's records.
    """
    if len(series) > SERIES_AT_MOST or any(_ESCAPED & {*metric, *name} for metric, name in series):
        return None
    return KnownSeries(series, Reader([SeriesKey(*names) for names in series]))
