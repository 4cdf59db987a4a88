"""The wiring as an application, so that its commands are found."""

from django.apps import AppConfig


class TaraSysDashConfig(AppConfig):
    """The whole, put together."""

    name = "tarasysdash"
    verbose_name = "taraSysDash"
