"""Provisioning in the admin: the token is shown once, and only in the answer that made it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents import tokens
from agents.models import Agent, AgentToken
from metrics.models import Batch
from tests import factories

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"tara_[A-Za-z0-9_-]{49}")


def add(client, **fields):
    """POST the form that makes an agent."""
    data = {"agent_id": "web-1", "enabled": "on", "interval_seconds": "10", "billing_day": "1"}
    return client.post(reverse("admin:agents_agent_add"), {**data, **fields})


def act(client, agent: Agent, action: str):
    """Press a token button."""
    return client.post(reverse(f"admin:agents_agent_{action}", args=[agent.pk]))


class TestAddAgent:
    def test_shows_a_token_that_works(self, admin_client):
        answer = add(admin_client)

        shown = TOKEN.search(answer.content.decode())
        assert shown is not None
        assert tokens.find(shown[0], now=timezone.now()).agent_id == "web-1"

    def test_forbids_every_cache_to_keep_it(self, admin_client):
        assert "no-store" in add(admin_client)["Cache-Control"]

    def test_never_shows_it_again(self, admin_client):
        shown = TOKEN.search(add(admin_client).content.decode())[0]
        agent = Agent.objects.get()

        pages = [
            admin_client.get(reverse("admin:agents_agent_change", args=[agent.pk])),
            admin_client.get(reverse("admin:agents_agent_history", args=[agent.pk])),
            admin_client.get(reverse("admin:agents_agent_changelist")),
        ]

        assert all(page.status_code == 200 for page in pages)
        assert not any(shown in page.content.decode() for page in pages)
        assert not any(shown in str(value) for value in admin_client.session.values())

    def test_explains_a_bad_agent_id(self, admin_client):
        answer = add(admin_client, agent_id="Web 1")

        assert "lower case letters" in answer.content.decode()
        assert not Agent.objects.exists()

    @pytest.mark.parametrize("seconds", ["0", "901"])
    def test_refuses_an_interval_out_of_bounds(self, admin_client, seconds):
        add(admin_client, interval_seconds=seconds)

        assert not Agent.objects.exists()

    @pytest.mark.parametrize("day", ["0", "32"])
    def test_refuses_a_billing_day_that_no_month_has(self, admin_client, day):
        add(admin_client, billing_day=day)

        assert not Agent.objects.exists()


class TestTokenButtons:
    def test_issue_shows_another_token(self, admin_client, agent):
        answer = act(admin_client, agent, "issue")

        assert TOKEN.search(answer.content.decode())
        assert "no-store" in answer["Cache-Control"]
        assert AgentToken.objects.get().created_by.username == "admin"

    def test_issue_says_so_when_there_are_two(self, admin_client, agent):
        for _ in range(2):
            factories.make_token(agent)

        answer = admin_client.post(
            reverse("admin:agents_agent_issue", args=[agent.pk]), follow=True
        )

        assert "holds 2 live tokens already" in answer.content.decode()

    def test_rotate_gives_the_old_token_an_end(self, admin_client, agent):
        factories.make_token(agent)

        act(admin_client, agent, "rotate")

        assert AgentToken.objects.order_by("pk").first().expires_at is not None

    def test_revoke_ends_one_token_at_once(self, admin_client, agent):
        plain = factories.make_token(agent)
        token = AgentToken.objects.get()

        admin_client.post(reverse("admin:agents_agent_revoke", args=[agent.pk, token.pk]))

        assert tokens.find(plain, now=timezone.now()) is None

    def test_revoke_takes_no_token_of_another_agent(self, admin_client, agent):
        plain = factories.make_token(factories.make_agent("other"))
        token = AgentToken.objects.get()

        answer = admin_client.post(reverse("admin:agents_agent_revoke", args=[agent.pk, token.pk]))

        assert answer.status_code == 404
        assert tokens.find(plain, now=timezone.now()) is not None

    @pytest.mark.parametrize("action", ["issue", "rotate"])
    def test_a_get_changes_nothing(self, admin_client, agent, action):
        answer = admin_client.get(reverse(f"admin:agents_agent_{action}", args=[agent.pk]))

        assert answer.status_code == 405
        assert not AgentToken.objects.exists()

    @pytest.mark.parametrize("action", ["issue", "rotate"])
    def test_who_may_only_look_gets_no_token(self, client, agent, action):
        viewer = User.objects.create_user("viewer", password="x", is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_agent"))
        client.force_login(viewer)

        assert act(client, agent, action).status_code == 403
        assert not AgentToken.objects.exists()

    @pytest.mark.parametrize("action", ["issue", "rotate"])
    def test_a_form_without_csrf_is_refused(self, admin_user, agent, action):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(admin_user)

        assert act(strict, agent, action).status_code == 403


class TestDelete:
    def test_asks_without_a_list_of_every_batch(self, admin_client, agent):
        now = timezone.now().timestamp()
        for second in range(20):
            factories.store(agent, factories.sample(now - second))

        page = admin_client.get(reverse("admin:agents_agent_delete", args=[agent.pk]))

        assert "every sample it ever sent" in page.content.decode()
        assert "batch" not in page.content.decode().lower()

    def test_takes_the_agent_with_its_history(self, admin_client, agent):
        factories.make_token(agent)
        factories.store(agent, factories.sample(timezone.now().timestamp()))

        admin_client.post(reverse("admin:agents_agent_delete", args=[agent.pk]), {"post": "yes"})

        assert not Agent.objects.exists()
        assert not AgentToken.objects.exists()
        assert not Batch.objects.exists()

    def test_is_refused_to_who_may_only_change(self, client, agent):
        editor = User.objects.create_user("editor", password="x", is_staff=True)
        editor.user_permissions.add(Permission.objects.get(codename="change_agent"))
        client.force_login(editor)

        address = reverse("admin:agents_agent_delete", args=[agent.pk])

        assert client.post(address, {"post": "yes"}).status_code == 403
        assert Agent.objects.exists()


class TestList:
    @pytest.fixture
    def fleet(self) -> None:
        now = timezone.now().timestamp()
        factories.store(factories.make_agent("up"), factories.sample(now))
        factories.store(factories.make_agent("down"), factories.sample(now - 3600))
        factories.make_agent("paused", enabled=False)
        factories.make_agent("waiting")

    def names(self, client, **query: str) -> list[str]:
        answer = client.get(reverse("admin:agents_agent_changelist"), query)
        return [agent.agent_id for agent in answer.context["cl"].result_list]

    @pytest.mark.parametrize("state", ["up", "down", "paused", "waiting"])
    def test_filters_by_state(self, admin_client, fleet, state):
        assert self.names(admin_client, state=state) == [state]

    def test_shows_state_last_seen_and_token_prefixes(self, admin_client, agent):
        prefix = factories.make_token(agent)[:12]
        factories.store(agent, factories.sample(timezone.now().timestamp()))

        page = admin_client.get(reverse("admin:agents_agent_changelist")).content.decode()

        assert all(text in page for text in (f"{prefix}…", "Up", "Just now"))

    def test_finds_an_agent_by_the_start_of_its_token(self, admin_client, fleet):
        agent = factories.make_agent("web-9")
        prefix = factories.make_token(agent)[:12]

        assert self.names(admin_client, q=prefix) == ["web-9"]

    def test_takes_the_same_queries_for_any_number_of_agents(
        self, admin_client, django_assert_max_num_queries
    ):
        for number in range(30):
            factories.make_token(factories.make_agent(f"web-{number}"))

        with django_assert_max_num_queries(11):
            self.names(admin_client)

    @pytest.mark.parametrize(("action", "enabled"), [("disable", False), ("enable", True)])
    def test_switches_agents_on_and_off(self, admin_client, agent, action, enabled):
        Agent.objects.update(enabled=not enabled)

        admin_client.post(
            reverse("admin:agents_agent_changelist"),
            {"action": action, "_selected_action": [agent.pk]},
        )

        assert Agent.objects.get().enabled is enabled
