"""Addresses of the pages."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import account, agent, api_docs, compare, fleet, server, status

app_name = "dashboard"
urlpatterns = [
    path("", fleet.fleet, name="fleet"),
    path("agents/<str:agent_id>/", agent.agent, name="agent"),
    path("agents/<str:agent_id>/data.json", agent.agent_data, name="agent-data"),
    path("agents/<str:agent_id>/outlook.json", agent.agent_outlook, name="agent-outlook"),
    path("agents/<str:agent_id>/events.json", agent.agent_events, name="agent-events"),
    path("agents/<str:agent_id>/watch/", agent.agent_watch, name="agent-watch"),
    path("compare/", compare.compare, name="compare"),
    path("server/", server.server, name="server"),
    path("status/<slug:slug>/", status.status, name="status"),
    path("api/v1/docs/", api_docs.api_documentation, name="api-docs"),
    path("login/", account.LoginView.as_view(), name="login"),
    path("logout/", account.LogoutView.as_view(), name="logout"),
    path("password/", account.PasswordView.as_view(), name="password"),
    path("password/changed/", account.password_changed, name="password-changed"),
    # The admin's own pages for these come later in the list of addresses, and are never reached.
    path(
        "admin/login/",
        login_not_required(RedirectView.as_view(pattern_name="dashboard:login", query_string=True)),
        name="admin-login",
    ),
    path("admin/logout/", RedirectView.as_view(pattern_name="dashboard:logout")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="dashboard:password")),
]
