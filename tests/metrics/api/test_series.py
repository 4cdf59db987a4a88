"""Series over the read API: what was stored comes out, as JSON and as CSV, within bounds."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from metrics.api import history
from tests import factories
from tests.metrics.api.reader import Reader

pytestmark = pytest.mark.django_db
T0 = 1_763_900_000 // 3600 * 3600
SERIES = "agents/web-1/series/"


@pytest.fixture
def hour(agent) -> None:
    """Minutes 0, 1 and 3 of an hour, two samples each; minute 2 is a gap."""
    for minute in (0, 1, 3):
        for second, value in ((0, 10.0), (30, 20.0)):
            factories.store(
                agent,
                factories.sample(
                    T0 + 60 * minute + second,
                    cpu_percent=value + minute,
                    disk_percent={"/": 50.0, "/var": 60.0, "/var/log": 70.0},
                ),
            )


def asked(**query: Any) -> dict[str, Any]:
    """Return the parameters of four buckets of a minute."""
    return {"start": T0, "end": T0 + 240, "points": 4, **query}


class TestSeries:
    def test_are_mean_minimum_and_maximum_a_bucket_and_null_for_a_gap(self, reader: Reader, hour):
        page = reader.read(SERIES, **asked(metric="cpu_percent"))

        assert page == {
            "agent": "web-1",
            "start": T0,
            "end": T0 + 240,
            "step_seconds": 60,
            "tier": "raw",
            "times": [T0, T0 + 60, T0 + 120, T0 + 180],
            "series": [
                {
                    "metric": "cpu_percent",
                    "instance": "",
                    "unit": "percent",
                    "mean": [15.0, 16.0, None, 18.0],
                    "min": [10.0, 11.0, None, 13.0],
                    "max": [20.0, 21.0, None, 23.0],
                }
            ],
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["cpu_percent|", "disk_percent|/", "disk_percent|/var", "disk_percent|/var/log"]),
            ({"metric": "cpu_percent"}, ["cpu_percent|"]),
            ({"metric": ["cpu_percent", "disk_percent"], "instance": ""}, ["cpu_percent|"]),
            ({"metric": "load_1m, cpu_percent"}, ["cpu_percent|"]),
            ({"instance": "/var"}, ["disk_percent|/var"]),
            ({"instance": "/var*"}, ["disk_percent|/var", "disk_percent|/var/log"]),
            ({"metric": "never_sent"}, []),
        ],
        ids=["all", "one", "repeated", "commas", "instance", "glob", "unknown"],
    )
    def test_are_those_asked_for(self, reader: Reader, hour, query, found):
        page = reader.read(SERIES, **asked(**query))

        assert [f"{each['metric']}|{each['instance']}" for each in page["series"]] == found

    @pytest.mark.parametrize(
        "start",
        [
            str(T0),
            f"{T0}.0",
            datetime.fromtimestamp(T0, tz=UTC).isoformat(),
            datetime.fromtimestamp(T0, tz=UTC).isoformat().replace("+00:00", "Z"),
            datetime.fromtimestamp(T0, tz=UTC).isoformat().replace("+", " "),
            datetime.fromtimestamp(T0, tz=UTC).replace(tzinfo=None).isoformat(),
        ],
    )
    def test_start_at_unix_seconds_or_at_a_written_moment(self, reader: Reader, hour, start):
        assert reader.read(SERIES, **asked(start=start))["start"] == T0

    def test_are_of_the_last_day_by_default(self, reader: Reader, agent):
        factories.store(agent, factories.sample(timezone.now().timestamp() - 60))

        page = reader.read(SERIES)

        assert abs(page["end"] - timezone.now().timestamp()) < 5
        assert page["end"] - page["start"] == pytest.approx(86_400)
        assert len(page["times"]) <= 481
        assert [each["metric"] for each in page["series"]] == ["cpu_percent"]

    def test_take_six_queries(self, reader: Reader, hour, django_assert_num_queries):
        reader.read(SERIES, **asked())

        # The token, the agent, which tiers reach back so far, the hot log, the sealed days.
        with django_assert_num_queries(6):
            reader.read(SERIES, **asked(metric="cpu_percent"))


class TestTooMuch:
    def test_is_refused_before_it_is_read(self, reader: Reader, hour, monkeypatch):
        monkeypatch.setattr(history, "BUCKETS_MAXIMUM", 15)
        monkeypatch.setattr(history, "series", None)  # it would raise

        answer = reader.get(f"/api/v1/{SERIES}", asked())

        assert answer.status_code == 400
        assert answer.json()["limit"] == 15
        assert "fewer points" in answer.json()["detail"]

    def test_is_told_of_series_that_are_no_longer_sent(
        self, reader: Reader, hour, agent, monkeypatch
    ):
        factories.store(agent, factories.sample(T0 + 600, cpu_percent=1.0))
        monkeypatch.setattr(history, "BUCKETS_MAXIMUM", 15)

        assert reader.get(f"/api/v1/{SERIES}", asked()).json()["code"] == "size"

    def test_is_not_what_was_not_asked_for(self, reader: Reader, hour, monkeypatch):
        monkeypatch.setattr(history, "BUCKETS_MAXIMUM", 15)

        assert reader.read(SERIES, **asked(metric="cpu_percent"))["series"]


class TestCsv:
    def rows(self, reader: Reader, **query: Any) -> list[list[str]]:
        answer = reader.get(f"/api/v1/{SERIES}", asked(format="csv", **query))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(answer.streaming_content).decode()
        return list(csv.reader(io.StringIO(text, newline="")))

    def test_has_a_row_a_bucket_and_empty_cells_for_gaps(self, reader: Reader, hour):
        assert self.rows(reader, metric="cpu_percent") == [
            ["time", "cpu_percent mean", "cpu_percent min", "cpu_percent max"],
            ["2025-11-23T12:00:00Z", "15.0", "10.0", "20.0"],
            ["2025-11-23T12:01:00Z", "16.0", "11.0", "21.0"],
            ["2025-11-23T12:02:00Z", "", "", ""],
            ["2025-11-23T12:03:00Z", "18.0", "13.0", "23.0"],
        ]

    def test_names_instances_in_the_heading(self, reader: Reader, hour):
        heading = self.rows(reader, instance="/var")[0]

        assert heading[1:] == [f"disk_percent|/var {what}" for what in ("mean", "min", "max")]

    def test_is_whole_over_many_rows(self, reader: Reader, hour):
        assert len(self.rows(reader, end=T0 + 86_400, points=2000)) == 1 + 1440

    @pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", '",=1+1', "a,b", "'=x"])
    def test_lets_no_instance_start_a_formula(self, reader: Reader, agent, name):
        factories.store(agent, factories.sample(T0, disk_percent={name: 1.0}))

        rows = self.rows(reader)

        assert rows[0][1] == f"disk_percent|{name} mean"
        assert not any(cell[:1] in "=+-@\t\r" for cell in rows[0] if cell)

    def test_is_a_file_named_for_the_agent(self, reader: Reader, hour):
        answer = reader.get(f"/api/v1/{SERIES}", asked(format="csv"))

        assert answer["Content-Disposition"] == 'attachment; filename="web-1.csv"'


class TestBadParameters:
    @pytest.mark.parametrize(
        ("query", "code", "field", "limit"),
        [
            ({"metrics": "cpu_percent"}, "parameter", "metrics", None),
            ({"metric": "CPU"}, "metric", "metric", None),
            ({"metric": ""}, "metric", "metric", None),
            ({"metric": ",".join(f"m{n}" for n in range(513))}, "metric", "metric", 512),
            ({"instance": "x" * 256}, "text", "instance", 255),
            ({"start": "yesterday"}, "time", "start", None),
            ({"end": "nan"}, "time", "end", None),
            ({"end": "1e99"}, "time", "end", None),
            ({"start": "1763900000000"}, "time", "start", None),
            ({"start": "0001-01-01T00:00:00+23:00"}, "time", "start", None),
            ({"start": T0 + 240}, "range", "start", None),
            ({"start": "2001-01-01"}, "range", "start", 3660),
            ({"points": "1"}, "number", "points", 2000),
            ({"points": "2001"}, "number", "points", 2000),
            ({"points": "many"}, "number", "points", 2000),
            ({"points": "٣"}, "number", "points", 2000),
            ({"format": "xml"}, "format", "format", None),
        ],
    )
    def test_are_a_400_that_says_which_and_why(
        self, reader: Reader, agent, query, code, field, limit
    ):
        answer = reader.get(f"/api/v1/{SERIES}", asked(**query))

        told = answer.json()
        assert answer.status_code == 400
        assert (told["code"], told["field"], told.get("limit")) == (code, field, limit)
        assert told["detail"].endswith(".")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"status": "broken"}, "status"),
            ({"after": "UPPER"}, "after"),
            ({"limit": "0"}, "number"),
            ({"limit": "1001"}, "number"),
            ({"tag": "x" * 256}, "text"),
            ({"page": "2"}, "parameter"),
        ],
    )
    def test_of_the_list_too(self, reader: Reader, query, code):
        answer = reader.get("/api/v1/agents/", query)

        assert (answer.status_code, answer.json()["code"]) == (400, code)

    @pytest.mark.parametrize(
        "path", ["agents/web-1/", "agents/web-1/latest/", "metrics/", "schema/"]
    )
    def test_are_refused_where_none_are_taken(self, reader: Reader, agent, path):
        assert reader.get(f"/api/v1/{path}", {"x": "1"}).json()["code"] == "parameter"
