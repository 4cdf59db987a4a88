"""All settings of the server, in one file; values that differ between sites come from `env`.

docs/OPERATIONS.md describes every variable; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.schedules import crontab

from tarasysdash import env, secret_key

# That of CHANGELOG.md; a test holds the two together.
VERSION = "0.1.0.dev0"

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("TARA_DATA_DIR", BASE_DIR / "var")
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# Never on: its error pages show settings and variables. Tracebacks stand in the log.
DEBUG = False
HTTPS = env.flag("TARA_HTTPS", default=False)
SECRET_KEY = secret_key.load_or_make(DATA_DIR / "secret_key", env.secret("TARA_SECRET_KEY"))

# The Host header is checked by tarasysdash.hosts, which also takes any IP address: a rebinding
# attack needs a DNS name, and a server that is reached by its address must work without set-up.
ALLOWED_HOSTS = ["*"]
TARA_ALLOWED_HOSTS = frozenset(
    {"localhost", *(name.lower() for name in env.words("TARA_ALLOWED_HOSTS"))}
)
CSRF_TRUSTED_ORIGINS = env.words("TARA_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "tarasysdash",
    "dashboard",
    "metrics",
    "agents",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "rest_framework",
]

MIDDLEWARE = [
    "tarasysdash.headers.SecurityHeadersMiddleware",
    "tarasysdash.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tarasysdash.lane.AgentLaneMiddleware",
    "tarasysdash.api_lane.ApiLaneMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "tarasysdash.urls"
WSGI_APPLICATION = "tarasysdash.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# auto_vacuum has to be set before the first table exists; it lets retention give pages back.
SQLITE_SYNCHRONOUS = env.choice("TARA_SQLITE_SYNCHRONOUS", "FULL", choices=("FULL", "NORMAL"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "tarasysdash.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA auto_vacuum=INCREMENTAL;"
                "PRAGMA journal_mode=WAL;"
                f"PRAGMA synchronous={SQLITE_SYNCHRONOUS};"
                "PRAGMA secure_delete=FAST;"
                "PRAGMA temp_store=MEMORY;"
                "PRAGMA journal_size_limit=67108864;"
            ),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "dashboard:login"
LOGIN_REDIRECT_URL = "dashboard:fleet"
LOGOUT_REDIRECT_URL = "dashboard:login"

SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "tarasysdash_sessionid"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "tarasysdash_csrftoken"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # The proxy that ends TLS redirects people; ingest must never redirect, the token would have
    # crossed the wire in clear already.
    "security.W008",
    # Sub-domains and preload lists are the site's own decision, not ours.
    "security.W005",
    "security.W021",
    # tarasysdash.headers sends X-Frame-Options with the other headers, in one pass.
    "security.W002",
]

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = ["tarasysdash.formats"]
TIME_ZONE = env.zone("TARA_TIME_ZONE", "UTC")

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs our files
STATIC_ROOT = BASE_DIR / "static-root"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "tarasysdash.staticfinder.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tarasysdash.staticstorage.HashedStaticFilesStorage"},
}
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "metrics.api.schema.ApiSchema",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "taraSysDash",
    "DESCRIPTION": "Agents send samples; programs and people read agents and their history.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SORT_OPERATION_PARAMETERS": False,
}

WEB_THREADS = env.number("TARA_WEB_THREADS", 4, minimum=1, maximum=64)
RETENTION_RAW_DAYS = env.number("TARA_RETENTION_RAW_DAYS", 7, minimum=0, maximum=36_500)
RETENTION_5M_DAYS = env.number("TARA_RETENTION_5M_DAYS", 90, minimum=0, maximum=36_500)
RETENTION_1H_DAYS = env.number("TARA_RETENTION_1H_DAYS", 1825, minimum=0, maximum=36_500)

# The broker is a folder, so that a clone runs without a service. Messages are JSON only.
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = "filesystem://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(BROKER_DIR / "queue"),
    "data_folder_out": str(BROKER_DIR / "queue"),
    "control_folder": str(BROKER_DIR / "control"),
    "store_processed": False,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 15 * 60  # seconds
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "show that the worker lives": {
        "task": "metrics.tasks.heartbeat",
        "schedule": crontab(),
        "options": {"expires": 60},
    },
    "seal finished hours": {
        "task": "metrics.tasks.seal",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "prune what has outlived its retention": {
        "task": "metrics.tasks.prune",
        "schedule": crontab(minute="17"),
        # A message that waited for a stopped worker is worth nothing: the next one does its work.
        "options": {"expires": 3600},
    },
    "clear expired sessions": {
        "task": "tarasysdash.tasks.clear_sessions",
        "schedule": crontab(hour="3", minute="41"),
        "options": {"expires": 3600},
    },
}

LOG_LEVEL = env.choice("TARA_LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_probes": {"()": "tarasysdash.logs.WithoutProbes"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Refused requests are the sender's to read of; a flood of them must not fill the disk.
        "django.request": {"level": "ERROR", "filters": ["without_probes"]},
        **{
            name: {"level": LOG_LEVEL} for name in ("tarasysdash", "agents", "metrics", "dashboard")
        },
    },
}
