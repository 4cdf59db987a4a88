"""The metrics application."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """What was sent."""

    name = "metrics"
    verbose_name = "Metrics"
