"""The Celery application, for its worker and for who sends tasks; see tarasysdash.worker."""

import os
import warnings

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
# Kombu's file-system transport expects its folders to be there.
for folder in (settings.BROKER_DIR / "queue", settings.BROKER_DIR / "control"):
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

# Celery warns of root because of pickled messages, and here only JSON is taken. docs/OPERATIONS.md
# runs the worker under a user of its own.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("tarasysdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
