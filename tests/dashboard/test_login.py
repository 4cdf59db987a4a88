"""Logging in and out, and the pages that say no."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied, server_error


class TestLogin:
    def test_leads_to_the_fleet(self, viewer):
        response = Client().post("/login/", {"username": "viewer", "password": "a long password"})

        assert response["Location"] == "/"

    def test_leads_to_where_a_person_wanted_to_go(self, viewer):
        form = {"username": "viewer", "password": "a long password", "next": "/agents/web-1/"}

        assert Client().post("/login/", form)["Location"] == "/agents/web-1/"

    def test_does_not_lead_to_another_site(self, viewer):
        form = {
            "username": "viewer",
            "password": "a long password",
            "next": "https://evil.example/",
        }

        assert Client().post("/login/", form)["Location"] == "/"

    def test_says_what_was_wrong(self, viewer):
        response = Client().post("/login/", {"username": "viewer", "password": "wrong"})

        assert "Please enter a correct username and password" in response.content.decode()

    def test_is_the_admins_too(self, db):
        response = Client().get("/admin/login/?next=/admin/agents/")

        assert response["Location"] == "/login/?next=/admin/agents/"

    def test_tells_who_may_not_enter_the_admin(self, web):
        response = web.get("/admin/", follow=True)

        assert response.status_code == 200
        assert "may not open that page" in response.content.decode()


class TestLogout:
    def test_takes_a_post_and_ends_the_session(self, web):
        assert web.get("/logout/").status_code == 405
        assert web.post("/logout/")["Location"] == "/login/"
        assert web.get("/").status_code == 302


class TestErrorPages:
    def test_404_leads_back(self, web):
        response = web.get("/no/such/page/")

        assert response.status_code == 404
        assert "To the agents" in response.content.decode()

    def test_404_is_shown_to_anybody(self, db):
        assert "Page not found" in Client().get("/no/such/page/").content.decode()

    def test_403_is_ours(self, rf: RequestFactory, viewer):
        request = rf.get("/")
        request.user = viewer

        response = permission_denied(request, PermissionError())

        assert "Not allowed" in response.content.decode()

    @pytest.mark.parametrize(
        ("handler", "text"), [(server_error, "Something went wrong"), (bad_request, "Bad request")]
    )
    def test_500_and_400_need_nothing_that_could_fail(self, rf, settings, handler, text):
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "tarasysdash.staticstorage.HashedStaticFilesStorage"},
        }
        request = rf.get("/")
        response = handler(request) if handler is server_error else handler(request, Http404())

        assert text in response.content.decode()
