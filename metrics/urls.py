"""Addresses of the API."""

from django.urls import path

from metrics import views
from metrics.api import views as api
from metrics.api.enrolment import EnrolView

app_name = "metrics"
urlpatterns = [
    path("ingest/", views.IngestView.as_view(), name="ingest"),
    path("enrol/", EnrolView.as_view(), name="enrol"),
    path("agents/", api.AgentsView.as_view(), name="agents"),
    path("agents/<str:agent_id>/", api.AgentView.as_view(), name="agent"),
    path("agents/<str:agent_id>/latest/", api.LatestView.as_view(), name="latest"),
    path("agents/<str:agent_id>/series/", api.SeriesView.as_view(), name="series"),
    path("metrics/", api.MetricsView.as_view(), name="metrics"),
    path("schema/", api.SchemaView.as_view(), name="schema"),
]
