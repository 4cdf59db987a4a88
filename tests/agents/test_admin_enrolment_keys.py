"""Enrolment keys in the admin: the key is shown once, in the answer of the POST that made it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from agents import enrolment
from agents.models import EnrolmentKey, Tag
from tests import factories

pytestmark = pytest.mark.django_db

KEY = re.compile(r"tara_enrol_[A-Za-z0-9_-]{49}")
LIST = "admin:agents_enrolmentkey_changelist"


def add(client, **fields):
    """POST the form that makes a key."""
    data = {"uses_allowed": "3", "expires_at": "2030-01-31T12:00", "network": "", **fields}
    return client.post(reverse("admin:agents_enrolmentkey_add"), data)


class TestAdd:
    def test_shows_a_key_once_that_works(self, admin_client):
        tag = Tag.objects.create(name="prod")

        answer = add(admin_client, tags=[tag.pk])

        shown = KEY.search(answer.content.decode())[0]
        issued = enrolment.enrol(shown, "web-1", address="", now=timezone.now())
        assert [tag.name for tag in issued.row.agent.tags.all()] == ["prod"]
        assert issued.row.created_by.username == "admin"
        assert "no-store" in answer["Cache-Control"]
        assert f"tara-agent enrol http://testserver {shown}" in answer.content.decode()

    def test_never_shows_it_again(self, admin_client):
        shown = KEY.search(add(admin_client).content.decode())[0]
        key = EnrolmentKey.objects.get()

        pages = [
            admin_client.get(reverse("admin:agents_enrolmentkey_change", args=[key.pk])),
            admin_client.get(reverse("admin:agents_enrolmentkey_history", args=[key.pk])),
            admin_client.get(reverse(LIST)),
        ]

        assert {page.status_code for page in pages} == {200}
        assert not any(shown in page.content.decode() for page in pages)
        assert not any(shown in str(value) for value in admin_client.session.values())

    def test_offers_a_day(self, admin_client):
        form = admin_client.get(reverse("admin:agents_enrolmentkey_add")).context["adminform"].form

        ends_at = form.get_initial_for_field(form.fields["expires_at"], "expires_at")
        assert timedelta(hours=23) < ends_at - timezone.now() <= timedelta(hours=24)

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"network": "10.0.0.1/8"}, "is not a network"),
            ({"uses_allowed": "0"}, "greater than or equal to 1"),
            ({"expires_at": ""}, "required"),
        ],
        ids=["network", "uses", "no end"],
    )
    def test_explains_what_it_cannot_take(self, admin_client, fields, text):
        assert text in add(admin_client, **fields).content.decode()
        assert not EnrolmentKey.objects.exists()


class TestChange:
    def test_never_changes_how_many_may_enrol(self, admin_client):
        """A number below those that have enrolled would break the row's constraint."""
        factories.make_enrolment_key(uses_allowed=5)
        EnrolmentKey.objects.update(uses=3)
        key = EnrolmentKey.objects.get()
        data = {"uses_allowed": "1", "expires_at": "2030-01-31T12:00", "name": "racks"}

        admin_client.post(reverse("admin:agents_enrolmentkey_change", args=[key.pk]), data)

        key.refresh_from_db()
        assert (key.uses_allowed, key.name) == (5, "racks")

    def test_revokes_by_button(self, admin_client):
        plain = factories.make_enrolment_key()
        address = reverse("admin:agents_enrolmentkey_revoke", args=[EnrolmentKey.objects.get().pk])

        admin_client.post(address)

        with pytest.raises(enrolment.KeyRefused):
            enrolment.enrol(plain, "web-1", address="", now=timezone.now())

    def test_gives_nothing_to_who_may_only_look(self, client):
        factories.make_enrolment_key()
        viewer = User.objects.create_user("viewer", password="x", is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_enrolmentkey"))
        client.force_login(viewer)
        address = reverse("admin:agents_enrolmentkey_revoke", args=[EnrolmentKey.objects.get().pk])

        assert (add(client).status_code, client.post(address).status_code) == (403, 403)
        assert [key.revoked_at for key in EnrolmentKey.objects.all()] == [None]


class TestList:
    @pytest.mark.parametrize("state", ["live", "used up", "expired", "revoked"])
    def test_filters_by_state_as_it_shows_it(self, admin_client, state):
        now = timezone.now()
        for name in ("live", "used up", "expired", "revoked"):
            factories.make_enrolment_key(name=name)
        EnrolmentKey.objects.filter(name="used up").update(uses=1)
        EnrolmentKey.objects.filter(name="expired").update(expires_at=now)
        EnrolmentKey.objects.filter(name="revoked").update(revoked_at=now)

        page = admin_client.get(reverse(LIST), {"state": state})

        assert [key.name for key in page.context["cl"].result_list] == [state]
        assert f">{state.capitalize()}</span>" in page.content.decode()
