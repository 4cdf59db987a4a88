"""Instance names."""

import unicodedata

import pytest

from tara_agent.names import clean


class TestClean:
    @pytest.mark.parametrize(
        ("name", "cleaned"),
        [
            ("/var/lib", "/var/lib"),
            ("/mnt/my disk", "/mnt/my disk"),
            ("/mnt/größe", "/mnt/größe"),
            ("/mnt/a\nb\x00c", "/mnt/a?b?c"),
            ("/mnt/\u202egnp", "/mnt/?gnp"),
            ("/mnt/\udcff", "/mnt/?"),
            ("  /mnt  ", "/mnt"),
            ("", "?"),
            (" ", "?"),
        ],
        ids=repr,
    )
    def test_leaves_nothing_the_server_would_refuse(self, name, cleaned):
        assert clean(name) == cleaned

    def test_writes_one_letter_one_way(self):
        assert clean(unicodedata.normalize("NFD", "/mnt/é")) == clean("/mnt/é")

    def test_is_at_most_255_long(self):
        assert len(clean("/" + "x" * 5000)) == 255
