"""The dashboard application."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """What a person sees."""

    name = "dashboard"
    verbose_name = "Dashboard"
