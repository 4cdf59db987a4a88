"""Which measures there are beside the chosen few: one for each metric that some agent reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from dashboard.brief import Brief
from dashboard.chart import GROUP_TITLES, Chart, Group, Line
from dashboard.charts import CHARTS, CUSTOM_CHARTS_MAXIMUM, FORMATS_OF_UNITS
from dashboard.compare.measures import MEASURES, Measure
from metrics.catalog import BY_NAME, InstanceKind, Metric, Unit, is_well_formed, metric_of
from metrics.newest import Fold, reported_metrics

SECONDS: Final = timedelta(minutes=1).total_seconds()
"""How long the list of metrics serves everybody; a metric that is new may be asked for before."""

_OTHERS: Final = "Others"
_FIRST: Final = "Often compared"
_PREFIX: Final = "custom-"
"""Before a custom metric that is called like one of the chosen few; no metric's name has a dash."""

_ADDITIVE: Final = {Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.PER_SECOND, Unit.COUNT, Unit.WATTS}
_IN_POWERS_OF_1024: Final = ("memory_", "swap_", "gpu_memory_", "container_memory_")
_WORDS: Final = {InstanceKind.MOUNT: "file system", InstanceKind.ANY: "instance"}
_DRAWN: Final[dict[str, tuple[Chart, Line]]] = {
    line.metric: (chart, line) for chart in reversed(CHARTS) for line in chart.lines
}
_BY_METRIC: Final = {measure.metric: measure for measure in MEASURES.values()}
_TAKEN_TITLES: Final = {measure.title for measure in MEASURES.values()}
_reported: Final[Brief[set[str]]] = Brief(seconds=SECONDS, at_most=1)

Choices = list[tuple[str, list[tuple[str, str]]]]


def find_measure(name: str) -> Measure | None:
    """Return the measure of a name: one of the chosen few, or a metric's; None if it is neither.

    Agents need not report it now: an address that was kept says then that none does.
    """
    if name in MEASURES:
        return MEASURES[name]
    metric = name.removeprefix(_PREFIX)
    if not is_well_formed(metric):
        return None
    return _BY_METRIC.get(metric) or _measure_of(metric_of(metric))


def choices(asked: str) -> Choices:
    """Return name and title of each measure that may be chosen, in groups, `asked` among them."""
    found = find_measure(asked)
    metrics = _reported.get("all", reported_metrics) | ({found.metric} if found else set())
    few = [(measure.name, measure.title) for measure in MEASURES.values()]
    groups: dict[str, list[tuple[str, str]]] = {_FIRST: few}
    groups |= {title: [] for title in (*GROUP_TITLES.values(), _OTHERS)}
    for metric in _bounded(metrics - _BY_METRIC.keys()):
        measure = _measure_of(metric_of(metric))
        groups[_group_of(metric)].append((measure.name, measure.title))
    return [
        (title, sorted(some, key=_by_title) if some is not few else few)
        for title, some in groups.items()
        if some
    ]


def forget() -> None:
    """Read which metrics there are anew from now on."""
    _reported.forget()


def _bounded(metrics: Collection[str]) -> Sequence[str]:
    """Return the metrics of the catalogue, and as many others as a list may have."""
    custom = sorted(metric for metric in metrics if metric not in BY_NAME)
    return [metric for metric in metrics if metric in BY_NAME] + custom[:CUSTOM_CHARTS_MAXIMUM]


def _by_title(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def _group_of(metric: str) -> str:
    if metric in _DRAWN:
        return GROUP_TITLES[_DRAWN[metric][0].group]
    return _OTHERS if metric in BY_NAME else GROUP_TITLES[Group.CUSTOM]


def _measure_of(entry: Metric) -> Measure:
    chart, line = _DRAWN.get(entry.name, (None, None))
    is_sum = entry.unit in _ADDITIVE and entry.instance is not InstanceKind.NONE
    return Measure(
        name=_PREFIX + entry.name if entry.name in MEASURES else entry.name,
        title=_title_of(entry, chart, line),
        metric=entry.name,
        format=chart.format if chart else _format_of(entry),
        fold=Fold.TOTAL if is_sum else Fold.HIGHEST,
        factor=chart.factor if chart else 1,
        maximum=entry.maximum,
        note=_note_of(entry, is_sum=is_sum),
    )


def _title_of(entry: Metric, chart: Chart | None, line: Line | None) -> str:
    if chart is None or line is None:
        return entry.name if entry.is_custom else _in_words(entry)
    is_clear = len(chart.lines) == 1 and chart.title not in _TAKEN_TITLES
    return chart.title if is_clear else f"{chart.title}: {line.label}"


def _in_words(entry: Metric) -> str:
    """Return "Memory available" for memory_available_bytes."""
    unit = "_" + entry.unit.value.replace(" ", "_")
    return entry.name.removesuffix(unit).replace("_", " ").capitalize()


def _format_of(entry: Metric) -> str:
    if entry.unit is Unit.BYTES and entry.name.startswith(_IN_POWERS_OF_1024):
        return "memory"
    return FORMATS_OF_UNITS[entry.unit]


def _note_of(entry: Metric, *, is_sum: bool) -> str:
    if entry.instance is InstanceKind.NONE:
        return ""
    word = _WORDS.get(entry.instance, entry.instance.value)
    return f"all {word}s of an agent together" if is_sum else f"the highest {word} of an agent"
