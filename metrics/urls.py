"""Addresses of the API."""

from django.urls import path

from metrics import views

app_name = "metrics"
urlpatterns = [
    path("ingest/", views.IngestView.as_view(), name="ingest"),
]
