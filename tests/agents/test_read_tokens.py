"""Read tokens: a kind of their own, found by digest, ended at once; made in the admin and here."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from agents import minting, read_tokens, tokens
from agents.models import ReadToken
from tests import factories

NOW = timezone.now()
TOKEN = re.compile(r"tara_read_[A-Za-z0-9_-]{49}")


class TestMint:
    def test_has_a_prefix_of_its_own(self):
        token = minting.READ.mint()

        assert token.startswith("tara_read_")
        assert len(token) == 59
        assert minting.READ.is_well_formed(token)

    def test_passes_for_no_agents_token_nor_the_other_way_round(self):
        assert not minting.AGENT.is_well_formed(minting.READ.mint())
        assert not minting.READ.is_well_formed(minting.AGENT.mint())

    @pytest.mark.parametrize("position", [10, 30, 52, 58])
    def test_one_wrong_character_is_caught_without_a_look_up(self, position):
        token = minting.READ.mint()
        wrong = "A" if token[position] != "A" else "B"

        # This test has no database: a look-up would raise.
        assert read_tokens.find(token[:position] + wrong + token[position + 1 :], now=NOW) is None


@pytest.mark.django_db
class TestFind:
    def test_finds_which_program_it_is_in_one_query(self, django_assert_num_queries):
        plain = factories.make_read_token("grafana")

        with django_assert_num_queries(1):
            reader = read_tokens.find(plain, now=NOW)

        assert reader is not None
        assert reader.name == "grafana"

    def test_finds_none_that_is_unknown_revoked_or_expired(self, agent):
        revoked, expired = (factories.make_read_token(name) for name in ("revoked", "expired"))
        read_tokens.revoke(ReadToken.objects.get(name="revoked"), now=NOW)
        ReadToken.objects.filter(name="expired").update(expires_at=NOW)
        others = (minting.READ.mint(), factories.make_token(agent), "", "x", "tara_read_\u00e9")

        found = [read_tokens.find(each, now=NOW) for each in (revoked, expired, *others)]

        assert found == [None] * 7

    def test_is_not_found_as_an_agent(self):
        assert tokens.find(factories.make_read_token(), now=NOW) is None

    def test_keeps_its_digest_only(self):
        plain = factories.make_read_token()

        row = ReadToken.objects.values().get()

        assert row["digest"] == minting.digest(plain)
        assert row["prefix"] == plain[:17]
        assert not any(plain in str(value) for value in row.values())


@pytest.mark.django_db
class TestNoteUse:
    def used(self, plain: str, now) -> object:
        read_tokens.note_use(read_tokens.find(plain, now=now), now=now)
        return ReadToken.objects.get().last_used_at

    def test_writes_at_most_once_a_minute(self):
        plain = factories.make_read_token()

        assert self.used(plain, NOW) == NOW
        assert self.used(plain, NOW + timedelta(seconds=59)) == NOW
        assert self.used(plain, NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)


@pytest.mark.django_db
class TestGenToken:
    def gen_token(self, *arguments: str) -> str:
        out = io.StringIO()
        call_command("gen_token", *arguments, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    def test_prints_the_token_alone(self):
        printed = self.gen_token("--read", "nightly report")

        assert read_tokens.find(printed.removesuffix("\n"), now=NOW).name == "nightly report"

    def test_ends_the_token_after_some_days(self):
        plain = self.gen_token("--read", "grafana", "--expires-days", "7").strip()

        assert read_tokens.find(plain, now=NOW + timedelta(days=6)) is not None
        assert read_tokens.find(plain, now=NOW + timedelta(days=8)) is None

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--read", " "),
            ("--read", "x" * 101),
            ("--read", "x", "--agent-id", "web-1"),
            ("--read", "x", "--rotate"),
            (),
        ],
        ids=["empty", "long", "with an agent", "rotate", "nothing"],
    )
    def test_refuses_what_makes_no_sense(self, arguments):
        with pytest.raises(CommandError):
            self.gen_token(*arguments)

        assert not ReadToken.objects.exists()


def add(client, **fields):
    """POST the form that makes a read token."""
    return client.post(reverse("admin:agents_readtoken_add"), {"name": "grafana", **fields})


@pytest.mark.django_db
class TestAdmin:
    def test_shows_a_new_token_once_and_lets_no_cache_keep_it(self, admin_client):
        answer = add(admin_client)

        shown = TOKEN.search(answer.content.decode())[0]
        token = ReadToken.objects.get()
        again = [
            admin_client.get(reverse("admin:agents_readtoken_change", args=[token.pk])),
            admin_client.get(reverse("admin:agents_readtoken_history", args=[token.pk])),
            admin_client.get(reverse("admin:agents_readtoken_changelist")),
        ]
        assert read_tokens.find(shown, now=timezone.now()) is not None
        assert "no-store" in answer["Cache-Control"]
        assert token.created_by.username == "admin"
        assert {page.status_code for page in again} == {200}
        assert not any(shown in page.content.decode() for page in again)
        assert not any(shown in str(value) for value in admin_client.session.values())

    def test_ends_a_token_when_the_form_says(self, admin_client):
        add(admin_client, expires_at="2030-01-31T12:00")

        assert ReadToken.objects.get().expires_at.isoformat() == "2030-01-31T12:00:00+00:00"

    def test_renames_a_token_and_keeps_it_working(self, admin_client):
        plain = factories.make_read_token()
        token = ReadToken.objects.get()

        admin_client.post(
            reverse("admin:agents_readtoken_change", args=[token.pk]), {"name": "report"}
        )

        assert read_tokens.find(plain, now=NOW).name == "report"

    def test_revokes_by_button(self, admin_client):
        plain = factories.make_read_token()
        token = ReadToken.objects.get()

        admin_client.post(reverse("admin:agents_readtoken_revoke", args=[token.pk]))

        assert read_tokens.find(plain, now=NOW) is None

    def test_revokes_by_action(self, admin_client):
        plain = factories.make_read_token()
        data = {"action": "revoke", "_selected_action": [ReadToken.objects.get().pk]}

        admin_client.post(reverse("admin:agents_readtoken_changelist"), data)

        assert read_tokens.find(plain, now=NOW) is None

    @pytest.mark.parametrize("state", ["live", "expired", "revoked"])
    def test_filters_by_state(self, admin_client, state):
        for name in ("live", "expired", "revoked"):
            factories.make_read_token(name)
        ReadToken.objects.filter(name="expired").update(expires_at=NOW)
        ReadToken.objects.filter(name="revoked").update(revoked_at=NOW)

        answer = admin_client.get(reverse("admin:agents_readtoken_changelist"), {"state": state})

        assert [token.name for token in answer.context["cl"].result_list] == [state]

    def test_gives_nothing_to_who_may_only_look(self, client):
        factories.make_read_token()
        token = ReadToken.objects.get()
        viewer = User.objects.create_user("viewer", password="x", is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_readtoken"))
        client.force_login(viewer)

        revoke = client.post(reverse("admin:agents_readtoken_revoke", args=[token.pk]))

        assert (add(client).status_code, revoke.status_code) == (403, 403)
        assert [each.revoked_at for each in ReadToken.objects.all()] == [None]

    def test_a_get_revokes_nothing(self, admin_client):
        factories.make_read_token()
        address = reverse("admin:agents_readtoken_revoke", args=[ReadToken.objects.get().pk])

        assert admin_client.get(address).status_code == 405
        assert ReadToken.objects.get().revoked_at is None
