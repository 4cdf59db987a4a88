"""The Celery application: `celery -A tarasysdash worker --beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
app = Celery("tarasysdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
