"""Instance names."""

import unicodedata

import pytest

from tara_agent.names import agent_id_of, clean


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


class TestAgentIdOf:
    @pytest.mark.parametrize(
        ("hostname", "agent_id"),
        [
            ("web-1", "web-1"),
            ("Web-1.Example.org", "web-1.example.org"),
            ("Anna's MacBook", "anna-s-macbook"),
            ("_host_", "host"),
            ("x" * 70, "x" * 63),
            ("é", ""),
            ("", ""),
        ],
    )
    def test_makes_one_of_a_host_name(self, hostname, agent_id):
        assert agent_id_of(hostname) == agent_id
