"""The body of an ingest request: its limits, its types and one error type. No Django here.

metrics.parsing reads a body into these types; docs/API.md lists the limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from metrics import names

WIRE_BYTES_MAXIMUM: Final = 256 * 1024
BODY_BYTES_MAXIMUM: Final = 1024 * 1024
SAMPLES_MAXIMUM: Final = 500
INSTANCES_MAXIMUM: Final = names.INSTANCES_MAXIMUM
METRICS_MAXIMUM: Final = names.METRICS_MAXIMUM
SERIES_MAXIMUM: Final = names.SERIES_MAXIMUM
STRING_MAXIMUM: Final = names.STRING_MAXIMUM
PROCESSES_MAXIMUM: Final = 50
DEPTH_MAXIMUM: Final = 8
VALUE_MAXIMUM: Final = 1e18
TIME_MINIMUM: Final = 946_684_800  # 2000-01-01
TIME_MAXIMUM: Final = 4_102_444_800  # 2100-01-01
REJECTED_SHOWN: Final = 20
VERSION: Final = 1


class WireError(Exception):
    """A body, or a sample in it, that cannot be taken. Carries what the answer says of it."""

    def __init__(
        self, code: str, detail: str, *, status: int = 400, at: str = "", limit: float | None = None
    ) -> None:
        """`at` is the path of the field, `limit` the bound that it broke."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.at = at
        self.limit = limit


class AgentFacts(msgspec.Struct):
    """What the agent says of its machine. Strings are cut to 255 characters and cleaned."""

    version: str = ""
    hostname: str = ""
    os: str = ""
    kernel: str = ""
    boot_id: str = ""
    cpu_model: str = ""
    cpu_count: int | None = None
    memory_total_bytes: int | None = None


class WireProcess(msgspec.Struct):
    """One process of a sample."""

    pid: int
    name: str
    cpu_percent: float = 0.0
    memory_bytes: int = 0


class WireSample(msgspec.Struct):
    """One sample as it stands in the body; `time` in Unix seconds."""

    time: float
    values: dict[str, float | dict[str, float]]
    processes: list[WireProcess] = []


class WireBody(msgspec.Struct):
    """A whole body as it stands on the wire."""

    version: int
    samples: list[WireSample]
    sent_at: float | None = None
    agent: AgentFacts | None = None
    dropped: dict[str, int] = {}
    backlog: int = 0


@dataclass(slots=True)
class Block:
    """Good samples of one body that have the same series, in the body's order.

    `values` has a row a sample and a column a series; `indexes` are the samples' places in the
    body.
    """

    series: names.SeriesNames
    indexes: list[int]
    times_ms: list[int]
    values: npt.NDArray[np.float64]
    processes: list[list[WireProcess]]

    def rows(self, wanted: list[int]) -> Block:
        """Return the samples at these places in the block, in this order."""
        return Block(
            self.series,
            [self.indexes[row] for row in wanted],
            [self.times_ms[row] for row in wanted],
            self.values[wanted],
            [self.processes[row] for row in wanted],
        )


@dataclass(slots=True)
class ParsedBody:
    """What a body holds: good samples, and for every other one its index and what is wrong."""

    sent_at: float | None
    facts: dict[str, str | int]
    dropped: int
    backlog: int
    blocks: list[Block] = field(default_factory=list)
    errors: list[tuple[int, WireError]] = field(default_factory=list)


def too_large(what: str, limit: int) -> WireError:
    """Return the error for a body above `limit` bytes."""
    return WireError(
        "too_large", f"{what} is larger than {limit} bytes.", status=413, at="body", limit=limit
    )
