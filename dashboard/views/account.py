"""A person's own pages: the log-in."""

from __future__ import annotations

from django.contrib.auth.views import LoginView as DjangoLoginView

from dashboard.forms import LoginForm


class LoginView(DjangoLoginView):
    """The log-in page, of the admin too."""

    template_name = "dashboard/login.html"
    authentication_form = LoginForm
