"""What the agent's page draws: charts with their lines, and the numbers behind them, as JSON.

Buckets are a regular grid, so their times are not sent. A first reply describes the charts; a later
one has only the buckets from `after` on, the last of which was still filling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from agents.models import Agent
from agents.watching import INTERVAL_SECONDS
from dashboard.chart import GROUP_TITLES, Chart, Group, Kind, Line
from dashboard.charts import charts_for
from dashboard.lines import Picture, Shown, choose, choose_again, pictures, together
from dashboard.ranges import POINTS, Resume, Window
from metrics.catalog import metric_of
from metrics.queries import Latest, Process, SeriesPage, Standing, series, standing

Numbers = list[float | None]
Values = npt.NDArray[np.float64]
_LARGE = 100_000


class PanelLine(msgspec.Struct, frozen=True):
    """One line of a chart; `key` names its column."""

    key: str
    label: str
    down: bool


class Panel(msgspec.Struct, frozen=True):
    """One chart of one agent. The lines are none where its group is closed.

    `instances` are all there are and `own` those with a line of their own, where the others share
    one; both are empty where each has its own. `room` is how many may be chosen.
    """

    name: str
    title: str
    group: Group
    kind: Kind
    format: str
    note: str
    instance: str
    maximum: float | None
    metrics: list[str]
    lines: list[PanelLine]
    instances: list[str]
    own: list[str]
    room: int


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
    processes: list[Process]
    processes_at: float | None


class Reply(msgspec.Struct, frozen=True):
    """Columns of `count` buckets of `step` seconds from `first` on, all in Unix seconds.

    `spacing` is how many seconds apart the samples lie, `tier` what they were read from.
    """

    agent: AgentNow
    start: float
    end: float
    first: float
    step: float
    count: int
    spacing: float
    tier: str
    columns: dict[str, Column]
    charts: list[Panel] | None = None
    groups: dict[Group, str] | None = None


def reply(
    agent: Agent, window: Window, *, shown: Shown, resume: Resume | None, now: datetime
) -> Reply:
    """Return the charts of `agent` over the window, or what came since `resume`."""
    current = standing(agent, now=now)
    page = _page(agent, window, resume=resume)
    charts = _charts(page, current.latest)
    chosen = pictures(
        charts,
        page.series.items(),
        partial(choose if resume is None else choose_again, shown=shown),
    )
    panels = [_panel(picture, shown, current.latest) for picture in chosen]
    return Reply(
        agent=_agent_now(agent, current),
        start=window.start.timestamp(),
        end=window.end.timestamp(),
        first=page.times[0],
        step=page.step_seconds,
        count=len(page.times),
        spacing=page.spacing_seconds,
        tier=page.tier.name.lower(),
        columns=_columns(chosen, shown, page),
        charts=panels if resume is None else None,
        groups=GROUP_TITLES if resume is None else None,
    )


def _page(agent: Agent, window: Window, *, resume: Resume | None) -> SeriesPage:
    """Return all series: what an agent no longer sends has a history that is still asked for."""
    start, end, points = window.start, window.end, POINTS
    if resume is not None:
        # As many whole buckets as asked for: the finest grid over them is the one they came from.
        points = resume.count(end)
        start, end = resume.at, resume.at + timedelta(seconds=points * resume.step)
    at_least = INTERVAL_SECONDS if window.is_live else None
    return series(agent, None, start=start, end=end, points=points, at_least_seconds=at_least)


def _agent_now(agent: Agent, current: Standing) -> AgentNow:
    seen_at, newest = current.last_seen_at, current.latest
    processes_at = newest.processes_at if newest else None
    return AgentNow(
        status=current.status.value,
        last_seen_at=seen_at.timestamp() if seen_at else None,
        uptime_seconds=current.uptime_seconds,
        interval_seconds=agent.interval_seconds,
        processes=list(newest.processes) if newest else [],
        processes_at=processes_at.timestamp() if processes_at else None,
    )


def _charts(page: SeriesPage, newest: Latest | None) -> list[Chart]:
    """Return the charts of what there is, but not of the swap of a machine without any."""
    charts = charts_for({key.metric for key in page.series})
    return [
        chart
        for chart in charts
        if not (chart.maximum_metric and newest and newest.value(chart.maximum_metric) == 0)
    ]


def _panel(picture: Picture, shown: Shown, newest: Latest | None) -> Panel:
    chart, (own, others) = picture.chart, picture.choice
    is_only_one = len(own) == 1 and not others
    maximum = newest.value(chart.maximum_metric) if newest else None
    return Panel(
        name=chart.name,
        title=chart.title,
        group=chart.group,
        kind=Kind.BAND if _has_band(picture) else chart.kind,
        format=chart.format,
        note=chart.note,
        instance=own[0] if is_only_one and chart.lines[0].label else "",
        maximum=maximum or chart.maximum,
        metrics=[line.metric for line in chart.lines],
        lines=_panel_lines(picture) if shown.has(chart.group) else [],
        instances=picture.instances if others else [],
        own=own if others else [],
        room=chart.room - 1,
    )


def _has_band(picture: Picture) -> bool:
    return picture.chart.kind in (Kind.BAND, Kind.LINES) and picture.has_one_line


def _panel_lines(picture: Picture) -> list[PanelLine]:
    own, others = picture.choice
    is_only_one = len(own) == 1 and not others
    lines = [
        PanelLine(_key(line.metric, name), line.label_of(name, is_only_one=is_only_one), line.down)
        for line, name in picture.own()
    ]
    return lines + [
        PanelLine(_key_of_others(line.metric), _label_of_others(picture, line), line.down)
        for line, _ in picture.others()
    ]


def _label_of_others(picture: Picture, line: Line) -> str:
    word = f"{len(picture.choice.others)} others"
    return line.each.format(instance=word) if picture.chart.adds_up else f"{word}, mean"


def _key(metric: str, instance: str) -> str:
    return f"{metric}|{instance}"


def _key_of_others(metric: str) -> str:
    """Return the key of the line of all other instances; no metric's name has such a sign."""
    return f"+{metric}"


def _columns(chosen: Sequence[Picture], shown: Shown, page: SeriesPage) -> dict[str, Column]:
    has_extremes = page.step_seconds > page.spacing_seconds
    columns = {}
    for picture in chosen:
        chart = picture.chart
        if not shown.has(chart.group):
            continue
        for line, name in picture.own():
            found, rounded = picture.found[line.metric, name], _rounding(chart, line.metric)
            column = Column(rounded(found.mean))
            if has_extremes and _has_band(picture):
                column = Column(column.mean, rounded(found.minimum), rounded(found.maximum))
            columns[_key(line.metric, name)] = column
        for line, all_others in picture.others():
            mean = together(chart, all_others)
            columns[_key_of_others(line.metric)] = Column(_rounding(chart, line.metric)(mean))
    return columns


def _rounding(chart: Chart, metric: str) -> Callable[[Values], Numbers]:
    """Return what shortens the numbers of one line."""
    decimals = metric_of(metric).decimals

    def shortened(values: Values) -> Numbers:
        numbers: Numbers = _short(values * chart.factor, decimals).tolist()
        return numbers

    return shortened


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
