"""The comparison as it is drawn: who is compared, and what each view shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from dashboard.brief import Brief
from dashboard.compare import heat
from dashboard.compare.drawing import Drawing, drawing_of, moments, ticks, top_of
from dashboard.compare.history import History, load_histories, stretches
from dashboard.compare.measures import Measure
from dashboard.compare.query import TITLES, CompareQuery, View
from dashboard.fleet.lines import Line
from dashboard.fleet.query import Paging
from dashboard.fleet.state import FleetState, Meter
from metrics.newest import newest_of_all

RANKED: Final = 25
SMALL_CHARTS: Final = 24
HIGHEST_ON_CHART: Final = 4
"""How many of the highest are on the one chart where nobody has chosen."""

DAY: Final = timedelta(days=1)
STRETCHES: Final = 24
SECONDS: Final = 2

_FIGURES: Final = {FleetState.UP, FleetState.WARNING}
_newest: Final[Brief[dict[int, float]]] = Brief(seconds=SECONDS, at_most=32)


@dataclass(frozen=True, slots=True)
class Compared:
    """One agent with its number now, None where it says none, and its history."""

    line: Line
    value: float | None
    history: History
    drawing: Drawing
    measure: Measure
    place: int

    @property
    def meter(self) -> Meter | None:
        """The number now as a share of the measure's scale; None where the scale has no end."""
        if self.value is None or self.measure.maximum is None:
            return None
        return Meter(100 * self.value / self.measure.maximum)

    @property
    def texts(self) -> dict[str, str]:
        """The numbers as people read them, by name."""
        numbers = {
            "now": self.value,
            "mean": self.history.average,
            "p95": self.history.p95,
            "lowest": self.history.lowest,
            "highest": self.history.highest,
        }
        return {name: text_of(value, self.measure) for name, value in numbers.items()}


def text_of(value: float | None, measure: Measure) -> str:
    """Return a value as people read it, a dash for none."""
    return "\u2013" if value is None else measure.text(value)


def forget() -> None:
    """Read the newest values anew from now on."""
    _newest.forget()


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, the agents it is about, their numbers now, and when that is."""

    query: CompareQuery
    lines: Sequence[Line]
    values: Mapping[int, float]
    now: datetime

    def ranked(self) -> list[Line]:
        """Return the agents that have a number now, the highest first."""
        known = [line for line in self.lines if line.pk in self.values]
        return sorted(known, key=lambda line: (-self.values[line.pk], line.name.casefold()))


def context_of(query: CompareQuery, lines: Sequence[Line], *, now: datetime) -> dict[str, Any]:
    """Return what the template of the comparison draws. `lines` are all agents."""
    inside = [line for line in lines if not query.tag or query.tag in line.tags]
    scope = Scope(query, inside, _values(inside, query.measure, now=now), now)
    return {
        "query": query,
        "measure": query.measure,
        "views": [
            (title, query.address(view=view), view is query.view) for view, title in TITLES.items()
        ],
        "total": len(lines),
        "inside": len(inside),
        "speaking": len(scope.values),
        **_VIEWS[query.view](scope),
    }


def _values(lines: Sequence[Line], measure: Measure, *, now: datetime) -> dict[int, float]:
    """Return the number of each agent that is up and sends the metric."""

    def read() -> dict[int, float]:
        newest = newest_of_all([measure.folded], now=now)
        pairs = zip(newest.agents, newest.columns[measure.folded], strict=True)
        return {agent: value * measure.factor for agent, value in pairs if value is not None}

    found = _newest.get(measure.name, read)
    up = [line.pk for line in lines if line.state in _FIGURES]
    return {pk: found[pk] for pk in up if pk in found}


def _heat(scope: Scope) -> dict[str, Any]:
    query, values = scope.query, scope.values
    groups = heat.grouped(scope.lines, values, query.tag)
    scale = heat.Scale.of(query.measure, list(values.values()))
    total = sum(len(found) for _, found in groups)
    paging = Paging.of(total, asked=query.page, size=heat.CELLS_AT_MOST)
    return {
        "paging": paging,
        "groups": heat.cells_of(groups, values, scale, page=paging.number),
        "scale": scale,
        "legend": scale.legend(query.measure),
    }


def _chart(scope: Scope) -> dict[str, Any]:
    query, now = scope.query, scope.now
    by_id = {line.agent_id: line for line in scope.lines}
    chosen = [by_id[agent] for agent in query.agents if agent in by_id]
    shown = chosen or scope.ranked()[:HIGHEST_ON_CHART]
    compared, top = _compared(scope, shown, highest=lambda history: history.highest_mean)
    start = now - query.range.span
    histories = [each.history for each in compared]
    rows = stretches(histories, start=start, end=now, count=STRETCHES)
    return {
        "paging": Paging.of(len(shown), asked=1),
        "compared": compared,
        "are_chosen": bool(chosen),
        "ticks": ticks(top, query.measure),
        "clock": "H:i" if query.range.span <= DAY else "j M",
        "moments": moments(start, now),
        "without": [_without(query, shown, line) for line in shown],
        "rows": [(at, [text_of(value, query.measure) for value in found]) for at, found in rows],
    }


def _without(query: CompareQuery, shown: Sequence[Line], line: Line) -> tuple[Line, str]:
    """Return the line, and the address of the chart of the others."""
    others = tuple(each.agent_id for each in shown if each is not line)
    return line, query.address(agents=others)


def _page_of(scope: Scope, size: int) -> dict[str, Any]:
    ranked = scope.ranked()
    paging = Paging.of(len(ranked), asked=scope.query.page, size=size)
    shown = paging.shown(ranked)
    compared, top = _compared(
        scope, shown, highest=lambda history: history.highest, first=paging.first
    )
    return {"paging": paging, "compared": compared, "top": scope.query.measure.text(top)}


def _compared(
    scope: Scope,
    lines: Sequence[Line],
    *,
    highest: Callable[[History], float | None],
    first: int = 1,
) -> tuple[list[Compared], float]:
    """Return agents with their histories, all on one scale, and where that ends.

    `highest` is what of a history has to be below the end.
    """
    query = scope.query
    histories = load_histories(lines, query.measure, query.range, now=scope.now)
    top = top_of(map(highest, histories), query.measure)
    pairs = enumerate(zip(lines, histories, strict=True), start=first)
    return [
        Compared(
            line=line,
            value=scope.values.get(line.pk),
            history=history,
            drawing=drawing_of(history, top),
            measure=query.measure,
            place=place,
        )
        for place, (line, history) in pairs
    ], top


_VIEWS: Final[Mapping[View, Callable[[Scope], dict[str, Any]]]] = {
    View.HEAT: _heat,
    View.RANK: partial(_page_of, size=RANKED),
    View.SMALL: partial(_page_of, size=SMALL_CHARTS),
    View.CHART: _chart,
}
