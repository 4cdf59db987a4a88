"""The newest live values of all agents as columns: lists of thousands are ordered by them.

Beside metrics.queries, which tells of one agent or of a page of them, the other door for readers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics import cpu_hour
from metrics.hotlog import VALUE
from metrics.layouts import series_of
from metrics.models import AgentState
from metrics.names import SeriesKey


class Fold(StrEnum):
    """How the instances of a metric become one number."""

    HIGHEST = "highest"
    TOTAL = "total"


class Folded(NamedTuple):
    """A metric as one number an agent. A metric without instances is the same either way."""

    metric: str
    fold: Fold


Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Newest:
    """One place an agent that was ever heard of, in no order; the sequences are equally long.

    A number is None where the agent's newest live sample has no such metric. `cpu_percent_hour` has
    a row of the last hour's minutes for each, NaN where there is no sample.
    """

    agents: Sequence[int]
    last_seen_ms: Sequence[int]
    deadline_ms: Sequence[int]
    columns: Mapping[Folded, Numbers]
    cpu_percent_hour: npt.NDArray[np.float64]


class _State(NamedTuple):
    """What is read of an AgentState."""

    agent: int
    last_seen_ms: int
    deadline_ms: int
    layout: int | None
    values: bytes
    cpu_hour: bytes


_FIELDS: Final = (
    *("pk", "last_seen_ms", "deadline_ms", "latest_layout_id", "latest_values", "cpu_hour"),
)


def newest_of_all(wanted: Sequence[Folded], *, now: datetime) -> Newest:
    """Return `wanted` of every agent's newest live sample, and its CPU in the hour before `now`.

    One query, and one more for layouts not met yet. Source: AgentState.
    """
    states = [_State(*row) for row in AgentState.objects.values_list(*_FIELDS)]
    return Newest(
        agents=[state.agent for state in states],
        last_seen_ms=[state.last_seen_ms for state in states],
        deadline_ms=[state.deadline_ms for state in states],
        columns=_columns(states, wanted),
        cpu_percent_hour=cpu_hour.matrix([state.cpu_hour for state in states], now=now),
    )


def reported_metrics() -> set[str]:
    """Return every metric that some agent's newest live sample has.

    One query, and one more for layouts not met yet. Source: AgentState.
    """
    newest = AgentState.objects.filter(latest_layout__isnull=False)
    layouts = newest.values_list("latest_layout_id", flat=True).distinct()
    return {key.metric for keys in series_of(list(layouts)).values() for key in keys}


def _columns(states: Sequence[_State], wanted: Sequence[Folded]) -> dict[Folded, Numbers]:
    """Fold all agents of a layout at once: they are the rows of one matrix."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, state in enumerate(states):
        if state.layout is not None:
            places[state.layout].append(place)
    columns = {each: np.full(len(states), np.nan) for each in wanted}
    layouts = series_of(list(places))
    for layout, at in places.items():
        keys = layouts[layout]
        joined = b"".join(states[place].values for place in at)
        matrix = np.frombuffer(joined, VALUE).reshape(len(at), len(keys))
        for each, positions in _positions(keys, wanted).items():
            columns[each][at] = _folded(matrix[:, positions], each.fold)
    return {each: _with_none(column) for each, column in columns.items()}


def _positions(keys: Sequence[SeriesKey], wanted: Sequence[Folded]) -> dict[Folded, list[int]]:
    """Return where in a layout the instances of each metric are, for those that are there."""
    of_metric: dict[str, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        of_metric[key.metric].append(position)
    return {each: of_metric[each.metric] for each in wanted if each.metric in of_metric}


def _folded(values: npt.NDArray[np.float64], fold: Fold) -> npt.NDArray[np.float64]:
    if fold is Fold.HIGHEST:
        highest: npt.NDArray[np.float64] = values.max(axis=1)
        return highest
    # The largest numbers there are may be sent, and add up to infinity.
    with np.errstate(over="ignore"):
        total: npt.NDArray[np.float64] = values.sum(axis=1)
        return total


def _with_none(column: npt.NDArray[np.float64]) -> Numbers:
    numbers: list[float | None] = column.astype(object).tolist()
    for place in np.flatnonzero(np.isnan(column)).tolist():
        numbers[place] = None
    return numbers
