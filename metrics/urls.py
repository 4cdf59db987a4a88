"""Addresses of the API."""

from django.urls import path

app_name = "metrics"
urlpatterns: list = []
