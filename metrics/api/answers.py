"""What the read API answers: one type an answer, from which /api/v1/schema/ is made too.

Times are Unix seconds, units stand in names or beside the value, and what is not known is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
import orjson
from msgspec import Meta

if TYPE_CHECKING:
    Numbers = npt.NDArray[np.float64]
else:
    Numbers = list[float | None]  # what the schema says of it
Seconds = Annotated[float, Meta(description="Unix seconds.")]


class AgentAnswer(msgspec.Struct, frozen=True):
    """One agent: how it is, and what it reported of its machine."""

    agent: Annotated[str, Meta(description="Its id, which other addresses take.")]
    name: Annotated[str, Meta(description="What people call it; the id where nothing is set.")]
    tags: list[str]
    status: Annotated[str, Meta(description="up, down, paused or waiting (never heard of).")]
    last_seen_at: Seconds | None
    created_at: Seconds
    interval_seconds: Annotated[int, Meta(description="Seconds between two samples.")]
    clock_skew_seconds: Annotated[
        float | None, Meta(description="How far its clock is behind; negative if ahead.")
    ]
    backlog: Annotated[int, Meta(description="Samples that it still held at its last report.")]
    dropped: Annotated[int, Meta(description="Samples that it had to throw away.")]
    agent_version: str
    hostname: str
    address: str | None
    os: str
    kernel: str
    cpu_model: str
    cpu_count: int | None
    memory_total_bytes: int | None


class AgentsAnswer(msgspec.Struct, frozen=True):
    """Agents in the order of their ids."""

    agents: list[AgentAnswer]
    next: Annotated[
        str | None, Meta(description="The address of those that follow; null at the end.")
    ]


class ValueAnswer(msgspec.Struct, frozen=True):
    """One value of a sample."""

    metric: str
    instance: Annotated[
        str, Meta(description="Such as /var or eth0; empty where there is one only.")
    ]
    unit: str
    value: float


class ProcessAnswer(msgspec.Struct, frozen=True):
    """One process, as the agent saw it; `cpu_percent` is of one core."""

    pid: int
    name: str
    cpu_percent: float
    memory_bytes: int


class LatestAnswer(msgspec.Struct, frozen=True):
    """The newest live sample of an agent. Before the first, `time` is null and the lists empty.

    The processes were seen at `processes_time`: agents look at them less often than at the rest.
    """

    agent: str
    time: Seconds | None
    values: list[ValueAnswer]
    processes: list[ProcessAnswer]
    processes_time: Seconds | None


class SeriesAnswer(msgspec.Struct, frozen=True):
    """One series, a number a bucket; null is a gap."""

    metric: str
    instance: str
    unit: str
    mean: Numbers
    min: Numbers
    max: Numbers


class SeriesPageAnswer(msgspec.Struct, frozen=True):
    """Series over common buckets. A metric without samples in the range has no entry."""

    agent: str
    start: Annotated[float, Meta(description="What was asked for, Unix seconds.")]
    end: Annotated[float, Meta(description="What was asked for, not included. Unix seconds.")]
    step_seconds: Annotated[float, Meta(description="How long a bucket is.")]
    tier: Annotated[str, Meta(description="How fine the samples it is made from are kept.")]
    times: Annotated[list[float], Meta(description="When each bucket starts, Unix seconds.")]
    series: list[SeriesAnswer]


class MetricAnswer(msgspec.Struct, frozen=True):
    """One metric of the catalogue."""

    name: str
    unit: str
    meaning: str
    instance: Annotated[
        str, Meta(description="What its instances are; none where it has one value.")
    ]
    decimals: int
    maximum: float | None


class MetricsAnswer(msgspec.Struct, frozen=True):
    """The catalogue. Agents may send others too, whose unit is number."""

    metrics: list[MetricAnswer]


def _column(numbers: Any) -> msgspec.Raw:
    """Return an array as JSON; NaN is null."""
    return msgspec.Raw(orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY))


encode = msgspec.json.Encoder(enc_hook=_column).encode
"""Return an answer as JSON.

Columns are numpy's arrays: to make lists of them took as long as all else, 0.7 ms of a page of a
day, and orjson writes them as they are in 0.3 ms.
"""
