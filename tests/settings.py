"""Settings of the test run: the product's, with a data folder that goes away."""

import atexit
import os
import shutil
import tempfile

_DATA_DIR = tempfile.mkdtemp(prefix="tarasysdash-tests-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
os.environ["TARA_DATA_DIR"] = _DATA_DIR

from tarasysdash.settings import *  # noqa: E402, F403
from tarasysdash.settings import DATABASES, STORAGES, TARA_ALLOWED_HOSTS  # noqa: E402

# A file, not shared memory: live_server threads must meet the same locks as production.
DATABASES["default"]["TEST"] = {"NAME": f"{_DATA_DIR}/test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# live_server serves from the finders and knows no hashed names.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
TARA_ALLOWED_HOSTS |= {"testserver"}  # what Django's test client calls itself
WHITENOISE_AUTOREFRESH = True
