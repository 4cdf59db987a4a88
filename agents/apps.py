"""The agents application."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Who may send."""

    name = "agents"
    verbose_name = "Monitoring"
