"""`manage.py gen_token`: the token alone on stdout, the rest on stderr."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agents import tokens
from agents.models import Agent, AgentToken

pytestmark = pytest.mark.django_db


def gen_token(*arguments: str) -> tuple[str, str]:
    """Run the command; return what it wrote on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command("gen_token", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


class TestGenToken:
    def test_makes_the_agent_and_prints_the_token_alone(self):
        out, err = gen_token("--agent-id", "my-agent-001")

        identity = tokens.find(out.removesuffix("\n"), now=timezone.now())
        assert identity is not None
        assert identity.agent_id == "my-agent-001"
        assert "Created agent my-agent-001" in err

    def test_gives_an_agent_that_exists_another_token(self):
        gen_token("--agent-id", "web-1")

        _, err = gen_token("--agent-id", "web-1")

        assert "Found agent web-1" in err
        assert AgentToken.objects.count() == 2

    def test_sets_name_and_tags(self):
        gen_token("--agent-id", "web-1", "--name", "Web one", "--tag", "prod", "--tag", "web")

        agent = Agent.objects.get()
        assert agent.display_name == "Web one"
        assert sorted(tag.name for tag in agent.tags.all()) == ["prod", "web"]

    def test_ends_the_token_after_some_days(self):
        out, _ = gen_token("--agent-id", "web-1", "--expires-days", "7")

        token = out.strip()
        assert tokens.find(token, now=timezone.now() + timedelta(days=6)) is not None
        assert tokens.find(token, now=timezone.now() + timedelta(days=8)) is None

    def test_rotates(self):
        old, _ = gen_token("--agent-id", "web-1")

        gen_token("--agent-id", "web-1", "--rotate")

        assert tokens.find(old.strip(), now=timezone.now() + timedelta(days=2)) is None

    def test_says_how_to_replace_a_token_when_there_are_two(self):
        for _ in range(2):
            gen_token("--agent-id", "web-1")

        with pytest.raises(CommandError, match="add --rotate"):
            gen_token("--agent-id", "web-1")

    @pytest.mark.parametrize("name", ["Web 1", "WEB", "-web", "a" * 64, "<b>", ""])
    def test_refuses_a_bad_agent_id_and_makes_nothing(self, name):
        with pytest.raises(CommandError):
            gen_token("--agent-id", name)
        assert not Agent.objects.exists()

    def test_makes_nothing_when_a_tag_is_bad(self):
        with pytest.raises(CommandError, match="A tag has"):
            gen_token("--agent-id", "web-1", "--tag", "No Good")
        assert not Agent.objects.exists()

    @pytest.mark.parametrize("days", ["0", "-1", "99999"])
    def test_refuses_a_life_out_of_bounds(self, days):
        with pytest.raises(CommandError, match="takes 1 to"):
            gen_token("--agent-id", "web-1", "--expires-days", days)

    def test_notes_that_a_disabled_agent_stays_refused(self):
        Agent.objects.create(agent_id="web-1", enabled=False)

        _, err = gen_token("--agent-id", "web-1")

        assert "is disabled" in err
