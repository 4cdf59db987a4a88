"""Tokens: their form, who they stand for, rotation and revocation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from agents import minting, tokens
from agents.models import Agent, AgentToken
from tests import factories

NOW = timezone.now()


class TestMint:
    def test_has_the_documented_form(self):
        token = minting.AGENT.mint()

        assert token.startswith("tara_")
        assert len(token) == 54
        assert minting.AGENT.is_well_formed(token)

    def test_never_repeats(self):
        assert len({minting.AGENT.mint() for _ in range(1000)}) == 1000

    @pytest.mark.parametrize("position", [5, 20, 47, 48, 53])
    def test_one_wrong_character_is_caught_without_a_look_up(self, position):
        token = minting.AGENT.mint()
        wrong = "A" if token[position] != "A" else "B"
        typo = token[:position] + wrong + token[position + 1 :]

        # This test has no database: a look-up would raise.
        assert tokens.find(typo, now=NOW) is None


@pytest.mark.django_db
class TestFind:
    def test_finds_whose_token_it_is(self, agent: Agent):
        plain = factories.make_token(agent)

        identity = tokens.find(plain, now=timezone.now())

        assert identity is not None
        assert (identity.agent_pk, identity.agent_id) == (agent.pk, "web-1")

    def test_takes_one_query(self, agent: Agent, django_assert_num_queries):
        plain = factories.make_token(agent)

        with django_assert_num_queries(1):
            tokens.find(plain, now=NOW)

    def test_does_not_find_an_unknown_token(self):
        assert tokens.find(minting.AGENT.mint(), now=NOW) is None

    def test_does_not_find_a_revoked_token(self, agent: Agent):
        plain = factories.make_token(agent)
        tokens.revoke(AgentToken.objects.get(), now=NOW)

        assert tokens.find(plain, now=NOW) is None

    def test_does_not_find_an_expired_token(self, agent: Agent):
        plain = factories.make_token(agent, expires_at=NOW + timedelta(hours=1))

        assert tokens.find(plain, now=NOW + timedelta(minutes=59)) is not None
        assert tokens.find(plain, now=NOW + timedelta(hours=1)) is None

    def test_does_not_find_the_token_of_a_disabled_agent(self, agent: Agent):
        plain = factories.make_token(agent)
        Agent.objects.update(enabled=False)

        assert tokens.find(plain, now=NOW) is None


@pytest.mark.django_db
class TestIssue:
    def test_stores_the_digest_and_not_the_token(self, agent: Agent):
        plain = factories.make_token(agent)

        row = AgentToken.objects.values().get()
        assert row["digest"] == minting.digest(plain)
        assert row["prefix"] == plain[:12]
        assert plain not in repr(row)

    def test_refuses_a_third_live_token_and_names_the_two(self, agent: Agent):
        held = [factories.make_token(agent) for _ in range(2)]

        with pytest.raises(tokens.TooManyTokens) as refusal:
            factories.make_token(agent)
        assert all(plain[:12] in str(refusal.value) for plain in held)

    def test_counts_live_tokens_only(self, agent: Agent):
        for _ in range(2):
            factories.make_token(agent)
        tokens.revoke(AgentToken.objects.first(), now=NOW)

        assert factories.make_token(agent)


@pytest.mark.django_db
class TestRotate:
    def test_lets_the_old_token_work_for_a_day(self, agent: Agent):
        old = factories.make_token(agent)

        new = tokens.rotate(agent, now=NOW).plain

        assert tokens.find(new, now=NOW + timedelta(days=2)) is not None
        assert tokens.find(old, now=NOW + timedelta(hours=23)) is not None
        assert tokens.find(old, now=NOW + timedelta(hours=24)) is None

    def test_twice_keeps_the_token_that_the_machine_uses(self, agent: Agent):
        in_use = factories.make_token(agent)
        tokens.note_uses([tokens.find(in_use, now=NOW)], now=NOW)
        lost = tokens.rotate(agent, now=NOW).plain

        newest = tokens.rotate(agent, now=NOW).plain

        assert tokens.find(in_use, now=NOW) is not None
        assert tokens.find(lost, now=NOW) is None
        assert tokens.find(newest, now=NOW) is not None

    def test_never_lengthens_a_token_s_life(self, agent: Agent):
        old = factories.make_token(agent, expires_at=NOW + timedelta(hours=1))

        tokens.rotate(agent, now=NOW)

        assert tokens.find(old, now=NOW + timedelta(hours=2)) is None

    def test_gives_an_agent_without_tokens_its_first(self, agent: Agent):
        assert tokens.find(tokens.rotate(agent, now=NOW).plain, now=NOW) is not None


@pytest.mark.django_db
class TestNoteUses:
    def test_writes_at_most_once_a_minute(self, agent: Agent, django_assert_num_queries):
        plain = factories.make_token(agent)
        tokens.note_uses([tokens.find(plain, now=NOW)], now=NOW)

        identity = tokens.find(plain, now=NOW)

        with django_assert_num_queries(0):
            tokens.note_uses([identity], now=NOW + timedelta(seconds=59))
        with django_assert_num_queries(1):
            tokens.note_uses([identity, identity], now=NOW + timedelta(seconds=60))
