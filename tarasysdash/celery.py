"""The Celery application: `celery -A tarasysdash worker --beat`."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
# Kombu's file-system transport expects its folders to be there.
for folder in (settings.BROKER_DIR / "queue", settings.BROKER_DIR / "control"):
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

app = Celery("tarasysdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
