"""Environment readers: typed, bounded, and clear about what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tarasysdash import env, secret_key

ROOT = Path(__file__).resolve().parents[2]


class TestFlag:
    @pytest.mark.parametrize("raw", ["1", "true", "YES", " on "])
    def test_reads_yes(self, monkeypatch, raw):
        monkeypatch.setenv("TARA_X", raw)

        assert env.flag("TARA_X", default=False) is True

    @pytest.mark.parametrize("raw", ["0", "False", "no", "off"])
    def test_reads_no(self, monkeypatch, raw):
        monkeypatch.setenv("TARA_X", raw)

        assert env.flag("TARA_X", default=True) is False

    def test_is_the_default_where_unset_or_empty(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "")

        assert env.flag("TARA_X", default=True) is True

    def test_refuses_anything_else(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "maybe")

        with pytest.raises(ImproperlyConfigured, match="write 1 or 0"):
            env.flag("TARA_X", default=True)


class TestNumber:
    def test_reads_a_whole_number(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "42")

        assert env.number("TARA_X", 7, minimum=0, maximum=100) == 42

    def test_is_the_default_where_unset(self):
        assert env.number("TARA_UNSET", 7, minimum=0, maximum=100) == 7

    @pytest.mark.parametrize("raw", ["-1", "101", "x", "1.5"])
    def test_says_the_bounds(self, monkeypatch, raw):
        monkeypatch.setenv("TARA_X", raw)

        with pytest.raises(ImproperlyConfigured, match="from 0 to 100"):
            env.number("TARA_X", 7, minimum=0, maximum=100)


class TestChoice:
    def test_takes_any_case(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "normal")

        assert env.choice("TARA_X", "FULL", choices=("FULL", "NORMAL")) == "NORMAL"

    def test_names_the_choices(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "off")

        with pytest.raises(ImproperlyConfigured, match="FULL, NORMAL"):
            env.choice("TARA_X", "FULL", choices=("FULL", "NORMAL"))


class TestZone:
    def test_takes_the_name_of_a_zone(self, monkeypatch):
        monkeypatch.setenv("TARA_X", "Europe/Paris")

        assert env.zone("TARA_X", "UTC") == "Europe/Paris"

    @pytest.mark.parametrize("raw", ["Mars/Base", "../../etc/passwd", "/etc/passwd"])
    def test_refuses_what_is_none(self, monkeypatch, raw):
        monkeypatch.setenv("TARA_X", raw)

        with pytest.raises(ImproperlyConfigured, match="Europe/Paris"):
            env.zone("TARA_X", "UTC")


class TestWords:
    def test_splits_at_commas(self, monkeypatch):
        monkeypatch.setenv("TARA_X", " a.example , b.example,")

        assert env.words("TARA_X") == ["a.example", "b.example"]


class TestSecret:
    def test_comes_from_a_file(self, monkeypatch, tmp_path):
        path = tmp_path / "key"
        path.write_text("value\n")
        monkeypatch.setenv("TARA_X_FILE", str(path))

        assert env.secret("TARA_X") == "value"

    def test_says_which_file_cannot_be_read(self, monkeypatch, tmp_path):
        monkeypatch.setenv("TARA_X_FILE", str(tmp_path / "none"))

        with pytest.raises(ImproperlyConfigured, match="TARA_X_FILE"):
            env.secret("TARA_X")


class TestSecretKey:
    def test_is_made_once_and_private(self, tmp_path):
        path = tmp_path / "var" / "secret_key"

        key = secret_key.load_or_make(path, "")

        assert secret_key.load_or_make(path, "") == key
        assert len(key) >= 64
        assert path.stat().st_mode & 0o777 == 0o600

    def test_that_others_can_read_is_refused(self, tmp_path):
        path = tmp_path / "secret_key"
        secret_key.load_or_make(path, "")
        path.chmod(0o644)

        with pytest.raises(ImproperlyConfigured, match="chmod 600"):
            secret_key.load_or_make(path, "")

    @pytest.mark.parametrize("key", ["short", "django-insecure-" + "x" * 50])
    def test_that_is_weak_is_refused(self, tmp_path, key):
        with pytest.raises(ImproperlyConfigured):
            secret_key.load_or_make(tmp_path / "secret_key", key)

    def test_that_is_configured_makes_no_file(self, tmp_path):
        assert secret_key.load_or_make(tmp_path / "key", "k" * 40) == "k" * 40
        assert not (tmp_path / "key").exists()


class TestDocumentation:
    def test_names_every_variable_and_no_other(self):
        documented = set(re.findall(r"`(TARA_[A-Z_0-9]+)`", self.operations()))
        procfile = set(re.findall(r"TARA_[A-Z_0-9]+", (ROOT / "Procfile").read_text()))

        read = {name for name in env.VARIABLES if name not in {"TARA_X", "TARA_X_FILE"}}

        assert documented == (read | procfile) - {"TARA_UNSET"}

    def operations(self) -> str:
        return (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
