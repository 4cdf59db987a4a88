"""What the agent's page draws: charts with their lines, and the numbers behind them, as JSON.

Buckets are a regular grid, so their times are not sent. A first reply describes the charts; a later
one has only the buckets from `after` on, the last of which was still filling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
import numpy.typing as npt

from agents.models import Agent
from dashboard.charts import LINES_MAXIMUM, Chart, Kind, Line, charts_for
from dashboard.ranges import POINTS, Range, Resume
from metrics.catalog import metric_of
from metrics.queries import Latest, Series, SeriesPage, Standing, series, standing

Numbers = list[float | None]
Values = npt.NDArray[np.float64]
Found = Mapping[tuple[str, str], Series]
_LARGE = 100_000


class PanelLine(msgspec.Struct, frozen=True):
    """One line of a chart; `key` names its column."""

    key: str
    label: str
    down: bool


class Panel(msgspec.Struct, frozen=True):
    """One chart of one agent. `left_out` are the keys of the lines there are no colours for."""

    name: str
    title: str
    kind: Kind
    format: str
    note: str
    instance: str
    maximum: float | None
    lines: list[PanelLine]
    left_out: list[str]


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line's numbers, one a bucket; the extremes only where buckets hold several samples."""

    mean: Numbers
    minimum: Numbers | None = None
    maximum: Numbers | None = None


class AgentNow(msgspec.Struct, frozen=True):
    """How the agent is at the time of the reply; moments are Unix seconds."""

    status: str
    last_seen_at: float | None
    uptime_seconds: float | None
    interval_seconds: int


class Reply(msgspec.Struct, frozen=True):
    """Columns of `count` buckets of `step` seconds from `first` on, all in Unix seconds.

    `spacing` is how many seconds apart the samples lie.
    """

    agent: AgentNow
    start: float
    end: float
    first: float
    step: float
    count: int
    spacing: float
    columns: dict[str, Column]
    charts: list[Panel] | None = None


def reply(agent: Agent, range_: Range, *, resume: Resume | None, now: datetime) -> Reply:
    """Return the charts of `agent` over the range up to `now`, or what came since `resume`."""
    current = standing(agent, now=now)
    newest = current.latest
    page = _page(agent, range_, resume=resume, now=now)
    charts = charts_for({key.metric for key in page.series})
    found = {(key.metric, key.instance): column for key, column in page.series.items()}
    panels = _panels(charts, found, newest) if resume is None else None
    drawn = {line.key for panel in panels or () for line in panel.lines}
    return Reply(
        agent=_agent_now(agent, current),
        start=(now - range_.span).timestamp(),
        end=now.timestamp(),
        first=page.times[0],
        step=page.step_seconds,
        count=len(page.times),
        spacing=page.spacing_seconds,
        columns=_columns(charts, page, only=drawn if panels is not None else None),
        charts=panels,
    )


def _page(agent: Agent, range_: Range, *, resume: Resume | None, now: datetime) -> SeriesPage:
    """Return all series: what an agent no longer sends has a history that is still asked for."""
    start, end, points = now - range_.span, now, POINTS
    if resume is not None:
        # As many whole buckets as asked for: the finest grid over them is the one they came from.
        start = datetime.fromtimestamp(resume.after, tz=UTC)
        points = resume.count(now)
        end = datetime.fromtimestamp(resume.after + points * resume.step, tz=UTC)
    return series(agent, None, start=start, end=end, points=points)


def _agent_now(agent: Agent, current: Standing) -> AgentNow:
    seen_at = current.last_seen_at
    return AgentNow(
        status=current.status.value,
        last_seen_at=seen_at.timestamp() if seen_at else None,
        uptime_seconds=current.uptime_seconds,
        interval_seconds=agent.interval_seconds,
    )


def _panels(charts: Sequence[Chart], found: Found, newest: Latest | None) -> list[Panel]:
    of_metric: dict[str, dict[tuple[str, str], Series]] = defaultdict(dict)
    for key, found_series in found.items():
        of_metric[key[0]][key] = found_series
    panels = []
    for chart in charts:
        own: dict[tuple[str, str], Series] = {}
        for line in chart.lines:
            own |= of_metric[line.metric]
        maximum = newest.value(chart.maximum_metric) if newest else None
        is_empty = chart.maximum_metric and maximum == 0  # a machine without swap
        panel = None if is_empty else _panel(chart, own, maximum=maximum or chart.maximum)
        if panel:
            panels.append(panel)
    return panels


def _panel(chart: Chart, found: Found, *, maximum: float | None) -> Panel | None:
    """Return the chart with the lines that have samples, the highest where there are too many."""
    lines_of = {
        instance: [line for line in chart.lines if (line.metric, instance) in found]
        for instance in sorted({instance for _, instance in found})
    }
    if not lines_of:
        return None
    names = sorted(_highest(chart, lines_of, found), key=_natural)
    is_only_one = len(lines_of) == 1
    return Panel(
        name=chart.name,
        title=chart.title,
        kind=chart.kind,
        format=chart.format,
        note=chart.note,
        instance=names[0] if is_only_one and chart.lines[0].label else "",
        maximum=maximum,
        lines=[
            PanelLine(_key(line, name), line.label_of(name, is_only_one=is_only_one), line.down)
            for name in names
            for line in lines_of[name]
        ],
        left_out=[
            _key(line, name) for name in lines_of if name not in names for line in lines_of[name]
        ],
    )


def _highest(chart: Chart, lines_of: Mapping[str, list[Line]], found: Found) -> list[str]:
    room = max(1, LINES_MAXIMUM // len(chart.lines))

    def peak(instance: str) -> float:
        columns = (found[line.metric, instance].maximum for line in lines_of[instance])
        return max(float(np.nanmax(column)) for column in columns)

    return sorted(lines_of, key=peak, reverse=True)[:room]


def _natural(name: str) -> tuple[int, str]:
    """Order 2 before 10."""
    return (int(name), "") if name.isdecimal() else (0, name)


def _key(line: Line, instance: str) -> str:
    return f"{line.metric}|{instance}"


def _columns(
    charts: Sequence[Chart], page: SeriesPage, *, only: set[str] | None
) -> dict[str, Column]:
    has_extremes = page.step_seconds > page.spacing_seconds
    chart_of = {line.metric: chart for chart in charts for line in chart.lines}
    columns = {}
    for (metric, instance), found in page.series.items():
        chart = chart_of.get(metric)
        key = f"{metric}|{instance}"
        if chart and (only is None or key in only):
            with_band = has_extremes and chart.kind is Kind.BAND
            columns[key] = _column(found, metric, chart.factor, with_band=with_band)
    return columns


def _column(found: Series, metric: str, factor: int, *, with_band: bool) -> Column:
    decimals = metric_of(metric).decimals

    def shortened(values: Values) -> Numbers:
        numbers: Numbers = _short(values * factor, decimals).tolist()
        return numbers

    if not with_band:
        return Column(shortened(found.mean))
    return Column(shortened(found.mean), shortened(found.minimum), shortened(found.maximum))


def _short(values: Values, decimals: int) -> Values:
    """Return values without the digits nobody reads; they were a fifth of what a page weighed."""
    size = np.abs(values)
    short = np.round(values, decimals)
    large = size >= _LARGE
    short[large] = _significant(values[large], 4)
    if decimals:  # the mean of rare events, such as errors, must not vanish
        small = (size > 0) & (size < 1)
        short[small] = _significant(values[small], 2)
    return short


def _significant(values: Values, digits: int) -> Values:
    """Return values that are not 0, rounded to so many digits."""
    places = np.floor(np.log10(np.abs(values))) - (digits - 1)
    # Powers of ten above 1 are exact, so that what they divide reads as short as it can.
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    rounded: Values = np.rint(values / up * down) / down * up
    return rounded
