"""The WSGI entry point, for other servers than ours: each ingest request is a commit there."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
application = get_wsgi_application()
