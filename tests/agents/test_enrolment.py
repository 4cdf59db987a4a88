"""Enrolment keys: traded for new agents as often as allowed, and for nothing else."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from agents import enrolment, minting, tokens
from agents.enrolment import AgentExists, KeyRefused
from agents.models import Agent, AgentToken, EnrolmentKey, Tag
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def enrol(plain: str, agent_id: str = "web-1", *, address: str = "192.0.2.7", now=NOW):
    return enrolment.enrol(plain, agent_id, address=address, now=now)


class TestEnrol:
    def test_makes_an_agent_whose_token_works(self):
        issued = enrol(factories.make_enrolment_key())

        found = tokens.find(issued.plain, now=NOW)
        assert found is not None
        assert found.agent_id == "web-1"

    def test_gives_the_keys_tags_and_tells_which_key_it_was(self, admin):
        plain = factories.make_enrolment_key(tags=["prod", "web"])
        EnrolmentKey.objects.update(created_by=admin)

        enrol(plain)

        token = AgentToken.objects.get()
        assert {tag.name for tag in Agent.objects.get().tags.all()} == {"prod", "web"}
        assert token.name == f"enrolled with {plain[:18]}…"
        assert token.created_by == admin

    def test_is_done_as_often_as_allowed(self):
        plain = factories.make_enrolment_key(uses_allowed=2)
        enrol(plain, "web-1")
        enrol(plain, "web-2")

        with pytest.raises(KeyRefused):
            enrol(plain, "web-3")

        assert set(Agent.objects.values_list("agent_id", flat=True)) == {"web-1", "web-2"}

    @pytest.mark.parametrize(
        "change",
        [
            {"revoked_at": NOW},
            {"expires_at": NOW},
            {"uses": 1},
            {"network": "10.0.0.0/8"},
            {"network": "2001:db8::/32"},
            {"digest": "0" * 64},
        ],
        ids=["revoked", "expired", "used up", "network", "other family", "unknown"],
    )
    def test_is_refused_by_a_key_that_opens_nothing(self, change):
        plain = factories.make_enrolment_key()
        EnrolmentKey.objects.update(**change)

        with pytest.raises(KeyRefused):
            enrol(plain)

        assert not Agent.objects.exists()
        assert EnrolmentKey.objects.get().last_used_at is None

    @pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3"])
    def test_takes_an_address_of_the_keys_network(self, address):
        assert enrol(factories.make_enrolment_key(network="10.0.0.0/8"), address=address)

    @pytest.mark.parametrize("address", ["", "unix", "11.0.0.1", "::1"])
    def test_takes_no_other_address(self, address):
        with pytest.raises(KeyRefused):
            enrol(factories.make_enrolment_key(network="10.0.0.0/8"), address=address)

    def test_takes_no_token_for_a_key(self, agent):
        for plain in (factories.make_token(agent), factories.make_read_token(), "", "\x00"):
            with pytest.raises(KeyRefused):
                enrol(plain, "web-2")

    def test_never_gives_an_agent_away_nor_spends_the_key_on_it(self, agent):
        plain = factories.make_enrolment_key()

        with pytest.raises(AgentExists):
            enrol(plain, agent.agent_id)

        assert not agent.tokens.exists()
        assert EnrolmentKey.objects.get().uses == 0
        assert enrol(plain, "web-2")

    def test_spends_nothing_on_a_bad_agent_id(self):
        plain = factories.make_enrolment_key()

        with pytest.raises(ValidationError):
            enrol(plain, "Web 1")

        assert EnrolmentKey.objects.get().uses == 0

    def test_keeps_the_digest_only(self):
        plain = factories.make_enrolment_key()

        row = EnrolmentKey.objects.values().get()

        assert row["digest"] == minting.digest(plain)
        assert row["prefix"] == plain[:18]
        assert not any(plain in str(value) for value in row.values())


class TestRevoke:
    def test_leaves_the_agents_that_enrolled(self):
        plain = factories.make_enrolment_key(uses_allowed=5)
        token = enrol(plain).plain

        enrolment.revoke(EnrolmentKey.objects.get(), now=NOW)

        with pytest.raises(KeyRefused):
            enrol(plain, "web-2")
        assert tokens.find(token, now=NOW) is not None


class TestGenEnrolmentKey:
    def gen(self, *arguments: str) -> str:
        out = io.StringIO()
        call_command("gen_enrolment_key", *arguments, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    def test_prints_a_key_alone_that_opens_for_a_day(self):
        plain = self.gen().removesuffix("\n")

        with pytest.raises(KeyRefused):
            enrol(plain, now=timezone.now() + timedelta(hours=25))
        assert enrol(plain, now=timezone.now() + timedelta(hours=23))

    def test_makes_the_key_it_is_asked_for(self):
        arguments = "--uses 50 --hours 2 --network 10.0.0.0/8 --tag prod --tag web --name racks"
        self.gen(*arguments.split())

        key = EnrolmentKey.objects.get()
        assert (key.uses_allowed, key.network, key.name) == (50, "10.0.0.0/8", "racks")
        assert {tag.name for tag in key.tags.all()} == {"prod", "web"}
        assert timedelta(hours=1) < key.expires_at - timezone.now() <= timedelta(hours=2)

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ("--hours 0", "--hours takes 1 to"),
            ("--uses 0", "greater than or equal to 1"),
            ("--uses 1001", "less than or equal to 1000"),
            ("--network 10.0.0.1/8", "is not a network"),
            ("--tag Prod", "lower case"),
        ],
    )
    def test_says_what_it_cannot_take(self, arguments, text):
        with pytest.raises(CommandError, match=text):
            self.gen(*arguments.split())

        assert not EnrolmentKey.objects.exists()
        assert not Tag.objects.exists()
