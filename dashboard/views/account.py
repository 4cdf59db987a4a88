"""A person's own pages: log-in, log-out, password."""

from __future__ import annotations

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.forms import LoginForm, PasswordForm


class LoginView(views.LoginView):
    """The log-in page, of the admin too."""

    template_name = "dashboard/login.html"
    authentication_form = LoginForm


class LogoutView(views.LogoutView):
    """Logs out on a POST; a GET, which any page could make a browser send, asks first."""

    http_method_names = ("get", "post", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return render(request, "dashboard/logout.html")


class PasswordView(views.PasswordChangeView):
    """The page to change one's password; every other session of the person ends with it."""

    template_name = "dashboard/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("dashboard:password-changed")


@require_GET
@never_cache
def password_changed(request: HttpRequest) -> HttpResponse:
    """Say that it is done."""
    return render(request, "dashboard/password_changed.html")
