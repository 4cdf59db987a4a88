"""Logging in and out, one's password, and the pages that say no."""

from __future__ import annotations

import html

import pytest
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
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
        assert web.post("/logout/")["Location"] == "/login/"
        assert web.get("/").status_code == 302

    def test_a_get_asks_and_ends_nothing(self, web):
        page = web.get("/logout/").content.decode()

        assert "You are logged in as <bdi>viewer</bdi>" in page
        assert web.get("/").status_code == 200

    def test_is_the_admins_too(self, web):
        assert web.get("/admin/logout/")["Location"] == "/logout/"


NEW = "another long password"


class TestPassword:
    def change(self, web, **fields: str):
        form = {"old_password": "a long password", "new_password1": NEW, "new_password2": NEW}
        return web.post("/password/", form | fields)

    def test_is_changed_by_whoever_knows_it(self, web, viewer):
        assert self.change(web)["Location"] == "/password/changed/"

        viewer.refresh_from_db()
        assert viewer.check_password(NEW)

    def test_ends_every_other_session(self, web, viewer):
        elsewhere = Client()
        elsewhere.force_login(viewer)

        self.change(web)

        assert web.get("/password/changed/").status_code == 200
        assert elsewhere.get("/").status_code == 302

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"old_password": "wrong"}, "Your old password was entered incorrectly"),
            ({"new_password2": "different"}, "two password fields"),
            ({"new_password1": "short", "new_password2": "short"}, "at least 12 characters"),
        ],
        ids=["old", "different", "short"],
    )
    def test_says_what_was_wrong_and_changes_nothing(self, web, viewer, fields, text):
        answer = self.change(web, **fields)

        viewer.refresh_from_db()
        assert text in html.unescape(answer.content.decode())
        assert viewer.check_password("a long password")

    def test_page_is_the_admins_too(self, web):
        assert web.get("/admin/password_change/")["Location"] == "/password/"


def out_of_order(execute, sql, params, many, context):
    """Fail as a database does whose disk is gone."""
    raise OperationalError("disk I/O error")


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

    def test_a_form_without_its_cookie_is_told_kindly(self, viewer):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(viewer)

        response = strict.post("/logout/")

        assert response.status_code == 403
        assert "Form expired" in response.content.decode()
        assert strict.get("/").status_code == 200

    @pytest.mark.parametrize("path", ["/", "/agents/web-1/", "/no/such/page/", "/logout/"])
    def test_500_is_ours_though_the_database_is_gone(self, web, path):
        web.raise_request_exception = False

        with connection.execute_wrapper(out_of_order):
            response = web.get(path)

        assert response.status_code == 500
        assert "Something went wrong" in response.content.decode()

    @pytest.mark.parametrize(
        ("handler", "text"),
        [
            (server_error, "Something went wrong"),
            (bad_request, "Bad request"),
            (csrf_failure, "Form expired"),
        ],
    )
    def test_500_400_and_csrf_need_nothing_that_could_fail(self, rf, settings, handler, text):
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "tarasysdash.staticstorage.HashedStaticFilesStorage"},
        }
        request = rf.get("/")
        response = handler(request) if handler is server_error else handler(request, Http404())

        assert text in response.content.decode()
