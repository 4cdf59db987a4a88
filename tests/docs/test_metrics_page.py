"""docs/METRICS.md is what the catalogue says."""

from __future__ import annotations

import sys

import pytest

from metrics import catalog
from scripts import metrics_docs


class TestMetricsPage:
    def test_is_what_the_catalogue_says(self):
        assert metrics_docs.PAGE.read_text(encoding="utf-8") == metrics_docs.page()

    def test_names_every_metric_once(self):
        page = metrics_docs.page()

        assert {page.count(f"| `{name}` |") for name in catalog.BY_NAME} == {1}

    def test_has_each_family_in_one_place(self):
        page = metrics_docs.page()

        assert {page.count(f"\n## {title}\n") for title in metrics_docs.TITLES.values()} == {1}


class TestCheck:
    def test_fails_with_what_to_run_where_the_page_is_stale(self, monkeypatch, tmp_path):
        page = tmp_path / "METRICS.md"
        page.write_text("old", encoding="utf-8")
        monkeypatch.setattr(metrics_docs, "PAGE", page)
        monkeypatch.setattr(sys, "argv", ["metrics_docs.py", "--check"])

        with pytest.raises(SystemExit, match="make metrics-docs"):
            metrics_docs.main()

    def test_passes_what_was_just_written(self, monkeypatch, tmp_path):
        monkeypatch.setattr(metrics_docs, "PAGE", tmp_path / "METRICS.md")
        monkeypatch.setattr(sys, "argv", ["metrics_docs.py"])
        metrics_docs.main()

        monkeypatch.setattr(sys, "argv", ["metrics_docs.py", "--check"])
        metrics_docs.main()
