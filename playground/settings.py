"""All settings of Playground. What an operator may change comes from the environment: see docs/configuration.md."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from playground.lib import env
from playground.lib.database_url import read_database_url
from playground.lib.keyfile import read_or_create

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Mode -------------------------------------------------------------------------------------------------------------
MODE = env.choice("PLAYGROUND_MODE", "local", ("local", "server"))
IS_LOCAL = MODE == "local"
HOST = env.text("HOST", "127.0.0.1" if IS_LOCAL else "0.0.0.0")  # noqa: S104 - a container listens on all of its addresses
PORT = env.integer("PORT", 8000, minimum=1, maximum=65535)
DATA_DIR = Path(env.text("PLAYGROUND_DATA_DIR", str(BASE_DIR / "data"))).resolve()
DEBUG = False

# --- Secrets: from the environment, else made once and kept under DATA_DIR ---------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY") or read_or_create(DATA_DIR / "secret.key", lambda: secrets.token_urlsafe(64))
# Newest first; the older ones still decrypt (MultiFernet), so that keys can be rotated.
ENCRYPTION_KEYS = env.secret("PLAYGROUND_ENCRYPTION_KEY").split() or [
    read_or_create(DATA_DIR / "encryption.key", lambda: Fernet.generate_key().decode())
]

# --- Addresses --------------------------------------------------------------------------------------------------------
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS must name the hosts people use, such as chat.example.org; * lets any site in"
    )
# Behind a proxy that ends TLS; the proxy must set X-Forwarded-Proto itself.
IS_HTTPS = env.boolean("PLAYGROUND_HTTPS", not IS_LOCAL)

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "playground.accounts",
    "playground.catalog",
    "playground.images",
    "playground.usage",
    "playground.runs",
    "playground.embedded",
    "playground.presets",
    "playground.chat",
    "playground.compare",
    "playground.shares",
    "playground.oversight",
    "playground.review",
    "playground.server",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_htmx",
    "heroicons",
    "template_partials",
]
MIDDLEWARE = [
    "playground.lib.turns.TurnMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "playground.lib.middleware.headers.no_store",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "playground.lib.middleware.refusals.RefusalMiddleware",
    "django.middleware.common.CommonMiddleware",
    "playground.lib.middleware.htmx.SignInRedirectMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "playground.lib.middleware.refusals.CleanFormMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "playground.accounts.middleware.LocalOwnerMiddleware",
    "playground.accounts.middleware.SetupMiddleware",
    "playground.accounts.middleware.SessionAgeMiddleware",
    # Every view asks for a sign-in unless it is marked with @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "playground.lib.middleware.busy.BusyMiddleware",
]
ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "playground.accounts.context_processors.preferences",
                "playground.chat.context_processors.sidebar",
            ],
            "builtins": ["playground.lib.icons", "template_partials.templatetags.partials"],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "playground.lib.sqlite",
        "NAME": DATA_DIR / "playground.sqlite3",
        # A file, as in real life: threads and processes of a test meet the same locks.
        "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        # Threads are used again, and their connections with them.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Writers queue up instead of failing half-way: a transaction takes the write lock when it begins.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}
if _database_url := env.secret("DATABASE_URL"):
    DATABASES["default"] = read_database_url(_database_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Several processes: the run log, hints and counters on Redis ------------------------------------------------------
REDIS_URL = env.redis_url("REDIS_URL")
# With both, any number of processes serve the same people.
IS_SHARED = bool(REDIS_URL and env.secret("DATABASE_URL"))
if REDIS_URL and not IS_SHARED:
    raise ImproperlyConfigured(
        "REDIS_URL is for several server processes, which need a database that they can share: set DATABASE_URL too"
    )
# Within a process. Hints come to it from the others by the run log's connection (playground.runs.announcements).
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "playground.accounts.validators.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "playground.accounts.backends.OneCheckBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# By name or e-mail; nobody can find out which of them exist. No mail is sent, so sign-up asks for none.
ACCOUNT_ADAPTER = "playground.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}  # the key is name and address
IS_SIGNUP_OPEN = env.boolean("PLAYGROUND_SIGNUP", False)
# Whether admins may open what others wrote, for a reason that the owner is told.
CONTENT_REVIEW_IS_ON = env.boolean("PLAYGROUND_ADMIN_CONTENT_REVIEW", False)
# Whether links may open for people without an account; without it, those there are ask for a sign-in too.
PUBLIC_SHARES_ARE_ALLOWED = env.boolean("PLAYGROUND_PUBLIC_SHARES", True)
# Conversations whose last message is older are deleted for good, once a day; 0 keeps them.
RETENTION_DAYS = env.integer("PLAYGROUND_RETENTION_DAYS", 0, minimum=0, maximum=36_500)
# How many proxies of the operator's stand in front; only then is X-Forwarded-For believed, and only its last entries.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("PLAYGROUND_PROXIES", 0, minimum=0, maximum=10)
# The counters of the limits; room for many, or a flood of names would push out the ones that count.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds without a visit
SESSION_ABSOLUTE_SECONDS = 30 * 24 * 3600  # seconds since the sign-in
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
if IS_SHARED:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "playground",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
if IS_HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics"]  # probes come from inside, over plain HTTP
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
# Promising HTTPS for a whole domain, or for the browsers' preload list, is not ours to do.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_FAILURE_VIEW = "playground.lib.error_pages.csrf_failure"

# --- Safety -----------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Bodies are bounded in ASGI before Django reads them (playground.lib.asgi); a prompt of a million tokens must pass here.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

# --- Files, texts, time -----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("PLAYGROUND_STATIC_DIR", str(BASE_DIR / "staticfiles"))).resolve()
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"
# An image as it comes in, and as it is kept; providers take about 50 MB a request, base64 included.
MAX_IMAGE_BYTES = env.integer("PLAYGROUND_MAX_IMAGE_BYTES", 20 * 1024**2, minimum=1024, maximum=100 * 1024**2)
# A message's images, whatever the model would take; 16 are always allowed.
MAX_IMAGES = env.integer("PLAYGROUND_MAX_IMAGES", 64, minimum=16, maximum=500)
# All images of one person, in bytes on disk.
IMAGE_QUOTA_BYTES = env.integer("PLAYGROUND_IMAGE_QUOTA_BYTES", 5 * 1024**3, minimum=1024**2)
LANGUAGE_CODE = "en"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Model servers and runs -------------------------------------------------------------------------------------------
OPENAI_API_KEY = env.secret("OPENAI_API_KEY")
OPENAI_BASE_URL = env.first_text("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_BASE_URL")
# Servers on this machine or in a private network that server mode may call, as host:port; local mode may call any.
PRIVATE_HOSTS = env.places("PLAYGROUND_PRIVATE_HOSTS")
UPSTREAM_CONNECT_SECONDS = env.seconds("PLAYGROUND_CONNECT_SECONDS", 10)
UPSTREAM_FIRST_TOKEN_SECONDS = env.seconds("PLAYGROUND_FIRST_TOKEN_SECONDS", 120)
UPSTREAM_SILENCE_SECONDS = env.seconds("PLAYGROUND_SILENCE_SECONDS", 60)
RUN_TOTAL_SECONDS = env.seconds("PLAYGROUND_RUN_SECONDS", 1800)
MAX_RUNS = env.integer("PLAYGROUND_MAX_RUNS", 150, minimum=1)  # measured: docs/operations.md
MAX_WAITING_RUNS = env.integer("PLAYGROUND_MAX_WAITING_RUNS", 500, minimum=0)
SWEEP_MAX_RUNS = env.integer("PLAYGROUND_SWEEP_MAX_RUNS", 2000, minimum=1, maximum=20_000)  # of one sweep
SWEEP_MAX_CONCURRENCY = env.integer("PLAYGROUND_SWEEP_MAX_CONCURRENCY", 16, minimum=1, maximum=250)  # of one sweep
SOCKETS_PER_USER = env.integer("PLAYGROUND_SOCKETS_PER_USER", 20, minimum=1)
DRAIN_SECONDS = env.seconds("PLAYGROUND_DRAIN_SECONDS", 20)
# Of a person, and of an API key; 0 means as many as they like.
REQUESTS_PER_MINUTE = env.integer("PLAYGROUND_REQUESTS_PER_MINUTE", 0, minimum=0)
TOKENS_PER_MINUTE = env.integer("PLAYGROUND_TOKENS_PER_MINUTE", 0, minimum=0)
# The model that ships with the product, served by a child process (playground.embedded).
EMBEDDED_IS_ON = env.boolean("PLAYGROUND_EMBEDDED", default=True)
EMBEDDED_MODEL = env.text("PLAYGROUND_EMBEDDED_MODEL")  # path of a GGUF file; empty: the one that was installed

# --- For operators: the log, one line an event, to standard error; who may read the figures ----------------------------
LOG_LEVEL = env.choice("PLAYGROUND_LOG_LEVEL", "info", ("debug", "info", "warning", "error"))
METRICS_TOKEN = env.secret("PLAYGROUND_METRICS_TOKEN")
LOG_FORMAT = env.choice("PLAYGROUND_LOG_FORMAT", "line" if IS_LOCAL else "json", ("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "playground.lib.logs.LineFormatter"},
        "json": {"()": "playground.lib.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers say nothing at all with DEBUG off, errors included.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # A 404 or a refused form is not news; the access log has it.
        "django.request": {"level": "ERROR"},
        "playground": {"level": LOG_LEVEL.upper()},
    },
}
