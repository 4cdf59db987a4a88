"""The table of charts against the catalogue."""

from __future__ import annotations

import pytest

from dashboard import units
from dashboard.chart import GROUP_TITLES, LINES_MAXIMUM, Group
from dashboard.charts import CHARTS, charts_for
from metrics.catalog import BY_NAME, InstanceKind

# Each of them is told by another chart, or by the facts.
NOT_DRAWN = {
    *("memory_percent", "memory_available_bytes", "swap_percent", "uptime_seconds"),
    *("disk_total_bytes", "disk_used_bytes", "disk_free_bytes"),
    *("disk_inodes_total", "disk_inodes_used", "gpu_memory_total_bytes"),
    *("battery_on_mains", "system_file_handle_percent"),
    *("system_reboot_pending", "system_failed_unit"),
}


def metrics_of(charts):
    """Return every metric that the charts need."""
    lines = {line.metric for chart in charts for line in chart.lines}
    return lines | {chart.maximum_metric for chart in charts if chart.maximum_metric}


class TestCharts:
    def test_draw_every_metric_of_the_catalogue(self):
        assert set(BY_NAME) - metrics_of(CHARTS) == NOT_DRAWN

    @pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
    def test_name_known_metrics_and_formats(self, chart):
        assert metrics_of([chart]) <= set(BY_NAME)
        assert chart.format in units.FORMATS

    @pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
    def test_have_no_more_lines_than_colours(self, chart):
        has_instances = any(
            BY_NAME[line.metric].instance is not InstanceKind.NONE for line in chart.lines
        )
        # One instance and all others must fit.
        assert len(chart.lines) * (2 if has_instances else 1) <= LINES_MAXIMUM

    def test_stand_in_the_order_of_their_groups(self):
        groups = [chart.group for chart in CHARTS]

        assert groups == sorted(groups, key=list(Group).index)
        assert set(Group) - set(groups) == {Group.CUSTOM}
        assert list(GROUP_TITLES) == list(Group)

    @pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
    def test_tell_instances_apart(self, chart):
        several = [
            line for line in chart.lines if BY_NAME[line.metric].instance is not InstanceKind.NONE
        ]
        labels = {line.label_of(name, is_only_one=False) for line in several for name in "ab"}

        assert len(labels) == 2 * len(several)

    def test_give_a_custom_metric_a_chart_of_its_own(self):
        [chart] = charts_for({"queue_length"})

        assert (chart.title, chart.format, chart.note) == (
            "queue_length",
            "number",
            "Custom metric.",
        )
