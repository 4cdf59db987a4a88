"""`manage.py first_run`: an admin and an agent the first time, nothing the second."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from agents import tokens
from agents.models import Agent, AgentToken
from tarasysdash.management.commands.first_run import AGENT_TOKEN_FILE, agent_id_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def first_run(settings, tmp_path):
    """Run the command on a data folder of its own; return what it printed."""
    settings.DATA_DIR = tmp_path

    def run() -> str:
        out = io.StringIO()
        call_command("first_run", stdout=out)
        return out.getvalue()

    return run


class TestAgentIdOf:
    @pytest.mark.parametrize(
        ("name", "agent_id"),
        [
            ("db1.example.org", "db1.example.org"),
            ("MacBook-Pro.local", "macbook-pro.local"),
            ("Büro PC!", "b-ro-pc"),
            ("-._", "this-machine"),
            ("", "this-machine"),
            ("x" * 100, "x" * 63),
        ],
    )
    def test_keeps_what_an_id_may_hold(self, name, agent_id):
        assert agent_id_of(name) == agent_id


class TestFirstRun:
    def test_prints_a_password_that_works(self, first_run):
        printed = first_run()

        password = re.search(r"Password +(\S+)", printed)[1]
        assert authenticate(username="admin", password=password).is_superuser
        assert "http://127.0.0.1:8080/" in printed

    def test_prints_no_password_again(self, first_run):
        first_run()

        assert "Password " not in first_run()
        assert User.objects.count() == 1

    def test_makes_no_admin_where_somebody_can_log_in(self, first_run):
        User.objects.create_user("somebody")

        first_run()

        assert not User.objects.filter(username="admin").exists()

    def test_keeps_a_private_token_that_works(self, first_run, tmp_path):
        first_run()

        path = tmp_path / AGENT_TOKEN_FILE
        assert tokens.find(path.read_text().strip(), now=timezone.now()) is not None
        assert path.stat().st_mode & 0o777 == 0o600

    def test_keeps_the_token_that_it_has(self, first_run, tmp_path):
        first_run()
        before = (tmp_path / AGENT_TOKEN_FILE).read_text()

        first_run()

        assert (tmp_path / AGENT_TOKEN_FILE).read_text() == before
        assert AgentToken.objects.count() == 1

    def test_replaces_a_token_that_was_revoked(self, first_run, tmp_path):
        first_run()
        tokens.revoke(AgentToken.objects.get(), now=timezone.now())

        first_run()

        token = (tmp_path / AGENT_TOKEN_FILE).read_text().strip()
        assert tokens.find(token, now=timezone.now()) is not None

    def test_leaves_an_agent_alone_that_was_disabled(self, first_run):
        first_run()
        Agent.objects.update(enabled=False)

        first_run()

        assert AgentToken.objects.count() == 1
