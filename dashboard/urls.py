"""Addresses of the pages."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import account, agent, api_docs, fleet

app_name = "dashboard"
urlpatterns = [
    path("", fleet.fleet, name="fleet"),
    path("agents/<str:agent_id>/", agent.agent, name="agent"),
    path("agents/<str:agent_id>/data.json", agent.agent_data, name="agent-data"),
    path("api/v1/docs/", api_docs.api_documentation, name="api-docs"),
    path("login/", account.LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    # The admin's own log-in page comes later in the list of addresses, and is never reached.
    path(
        "admin/login/",
        login_not_required(RedirectView.as_view(pattern_name="dashboard:login", query_string=True)),
        name="admin-login",
    ),
]
