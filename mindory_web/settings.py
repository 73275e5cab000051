"""Every setting of Mindory, read top to bottom from the environment (.env.example names each variable).

Two ways to run. *Embedded*: no DATABASE_URL; `manage.py up` starts Postgres, Redis and the workers
itself inside MINDORY_DATA and listens on this machine only. *Servers*: DATABASE_URL and REDIS_URL
name them, and MINDORY_SECRET_KEY and MINDORY_URL must be given.
"""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from mindory_web.embedded import places
from mindory_web.env import BadSetting, Env
from mindory_web.version import VERSION as VERSION

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
SOURCE_URL = env.text("MINDORY_SOURCE_URL")  # empty: /source sends the code that is running

# --- Where things are ---------------------------------------------------------------------------

DATA = env.path("MINDORY_DATA", BASE_DIR / "data")
EMBEDDED = not env.text("DATABASE_URL")
DEBUG = env.flag("MINDORY_DEBUG", default=False)
HOST = env.text("MINDORY_HOST", "127.0.0.1")
PORT = env.whole("MINDORY_PORT", 8000, at_least=1, at_most=65535)
WEB_PROCESSES = env.whole("MINDORY_WEB_PROCESSES", 1, at_least=1, at_most=64)
# The address readers type. It decides allowed hosts, secure cookies and links in e-mails.
URL = env.text(
    "MINDORY_URL", f"http://{'localhost' if HOST in {'0.0.0.0', '::', '127.0.0.1'} else HOST}:{PORT}"
).rstrip("/")
if urlsplit(URL).scheme not in {"http", "https"} or not urlsplit(URL).hostname:
    raise BadSetting(f"MINDORY_URL={URL!r} must look like https://books.example.org.")
HTTPS = URL.startswith("https://")

SECRET_KEY = env.text("MINDORY_SECRET_KEY") or (places.secret(DATA) if EMBEDDED else "")
if not EMBEDDED and (len(SECRET_KEY) < 32 or "change-me" in SECRET_KEY):
    raise BadSetting("MINDORY_SECRET_KEY must be your own secret of at least 32 characters when DATABASE_URL is set.")

# --- Django -------------------------------------------------------------------------------------

ALLOWED_HOSTS = list(
    dict.fromkeys(
        [urlsplit(URL).hostname or "", *env.words("MINDORY_ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
    )
)
_origin = f"{urlsplit(URL).scheme}://{urlsplit(URL).netloc}"
CSRF_TRUSTED_ORIGINS = [_origin]
# Sockets are opened from these origins only (MINDORY_URL, and this machine's own names in embedded mode).
SOCKET_ORIGINS = [
    _origin,
    *([f"http://{name}:{PORT}" for name in ("localhost", "127.0.0.1", "[::1]")] if not HTTPS else []),
]

INSTALLED_APPS = [
    "unfold",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "csp",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "mindory_web.apps.MindoryWeb",
    "mindory_web.accounts.apps.Accounts",
    "mindory_web.engines.apps.Engines",
    "books.apps.Books",
    "memory.apps.Memory",
]
MIDDLEWARE = [
    "mindory_web.lib.http.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mindory_web.accounts.middleware.ReaderLanguage",
    "mindory_web.accounts.offline.KeptFor",
    "mindory_web.lib.http.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mindory_web.accounts.middleware.TrackSessions",
    "mindory_web.accounts.middleware.FirstVisit",
    "mindory_web.lib.http.AnswerErrors",
]
ROOT_URLCONF = "mindory_web.urls"
ASGI_APPLICATION = "mindory_web.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mindory_web.lib.http.site",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Reader"

# --- Postgres, Redis, queues --------------------------------------------------------------------

_database = dj_database_url.parse(env.text("DATABASE_URL") or places.postgres_url(DATA))
if _database["ENGINE"] != "django.db.backends.postgresql":
    raise BadSetting(
        "DATABASE_URL must be a postgresql:// address: Mindory needs Postgres with pgvector 0.8.4 or newer."
    )
_pool = env.whole("MINDORY_DB_POOL", 12, at_most=200)
_ONLY_WHEN_ASKED = 2**31 - 1  # executions before psycopg prepares a statement; see mindory_web/lib/prepared.py
_database |= {
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **_database.get("OPTIONS", {}),
        **({"pool": {"min_size": 0, "max_size": _pool, "timeout": 10}} if _pool else {}),
        "prepare_threshold": _ONLY_WHEN_ASKED,
    },
}
DATABASES = {"default": _database}

REDIS_URL = env.text("REDIS_URL") or places.redis_url(DATA)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "mindory"},
    }
}
CACHES = {"default": {"BACKEND": "mindory_web.lib.cache.TolerantCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "mindory.ingest"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Job rows in Postgres are the truth and the reaper re-queues what they say; a message only wakes a worker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}

# --- Files --------------------------------------------------------------------------------------

MEDIA_ROOT = DATA / "files"
# Where a body waits while it comes in; the system's own place may be memory. `manage.py prepare` makes it.
FILE_UPLOAD_TEMP_DIR = DATA / "tmp" if (DATA / "tmp").is_dir() else None
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "mindory_web.lib.uploads.HeldToLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_LIMIT = env.whole("MINDORY_UPLOAD_LIMIT_MB", 512, at_least=1, at_most=8192) * 1024 * 1024
UPLOADS_PER_HOUR = env.whole("MINDORY_UPLOADS_PER_HOUR", 1000, at_least=1, at_most=1_000_000)  # a reader
UNDO_SECONDS = env.whole("MINDORY_UNDO_SECONDS", 60, at_least=10, at_most=86_400)  # a removed book can come back
SEARCHES_PER_MINUTE = env.whole("MINDORY_SEARCHES_PER_MINUTE", 240, at_least=1, at_most=1_000_000)  # a reader
MEMORY_WRITES_PER_MINUTE = env.whole("MINDORY_MEMORY_WRITES_PER_MINUTE", 1200, at_least=1, at_most=1_000_000)  # too
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # form fields; files are streamed to disk and held to UPLOAD_LIMIT
DATA_UPLOAD_MAX_NUMBER_FILES = 200
STATIC_URL = "/static/"
STATIC_ROOT = env.path("MINDORY_STATIC", DATA / "static")
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "mindory_web.lib.assets.HashedFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# --- Books --------------------------------------------------------------------------------------

# What a parser's child process may use. A book that needs more is refused with a sentence.
PARSE_LIMITS = {
    "seconds": env.whole("MINDORY_PARSE_SECONDS", 120, at_least=5, at_most=3600),
    "picture_seconds": env.whole("MINDORY_PARSE_PICTURE_SECONDS", 300, at_least=5, at_most=3600),
    "cpu": env.whole("MINDORY_PARSE_CPU_SECONDS", 120, at_least=5, at_most=3600),
    "memory": env.whole("MINDORY_PARSE_MEMORY_MB", 1536, at_least=256, at_most=65536) * 1024 * 1024,
    "output": env.whole("MINDORY_PARSE_OUTPUT_MB", 256, at_least=1, at_most=2048) * 1024 * 1024,
    "members": env.whole("MINDORY_PARSE_MEMBERS", 10_000, at_least=100, at_most=60_000),
    "unpacked": env.whole("MINDORY_PARSE_UNPACKED_MB", 200, at_least=1, at_most=2048) * 1024 * 1024,
    "member": env.whole("MINDORY_PARSE_MEMBER_MB", 50, at_least=1, at_most=2048) * 1024 * 1024,
    "ratio": env.whole("MINDORY_PARSE_RATIO", 100, at_least=10, at_most=1000),
    "pictures": env.whole("MINDORY_PARSE_PICTURES_MB", 1024, at_least=1, at_most=65536) * 1024 * 1024,
    "picture": env.whole("MINDORY_PARSE_PICTURE_MB", 50, at_least=1, at_most=1024) * 1024 * 1024,
    "text": env.whole("MINDORY_PARSE_TEXT_MB", 64, at_least=1, at_most=1024) * 1024 * 1024,
    "pages": env.whole("MINDORY_PARSE_PAGES", 20_000, at_least=10, at_most=1_000_000),
}
# The same for the one that reads the words of scanned pages; the seconds are those of one page.
OCR_LIMITS = {
    "page_seconds": env.whole("MINDORY_OCR_PAGE_SECONDS", 120, at_least=5, at_most=3600),
    "memory": env.whole("MINDORY_OCR_MEMORY_MB", 3072, at_least=1024, at_most=65536) * 1024 * 1024,
}
RECOGNISER = "books.ingest.recognising.LocalRecogniser"
PASSAGE_CHARACTERS = env.whole("MINDORY_PASSAGE_CHARACTERS", 1000, at_least=200, at_most=8000)
PASSAGE_OVERLAP = env.whole("MINDORY_PASSAGE_OVERLAP", 200, at_least=0, at_most=4000)
INGEST_ATTEMPTS = 3
INGEST_LEASE_SECONDS = env.whole("MINDORY_LEASE_SECONDS", 8, at_least=3, at_most=600)
REPLY_LEASE_SECONDS = INGEST_LEASE_SECONDS  # of a reply worker that fell silent
MEMORY_QUOTA = env.whole("MINDORY_MEMORY_QUOTA", 200_000, at_most=10_000_000)  # memories of a reader; 0: no limit
# Where a question is looked for: books.chat.pipeline.ChatSource. Passages of books, and what the reader told and noted.
CHAT_SOURCES = ["books.retrieval.passages_about", "mindory_web.wiring.notes_about"]
# What else pages of conversations are told: (reader's id, conversations' ids) -> values by name, by conversation.
TALK_SOURCES = ["mindory_web.wiring.facts_of_talks"]
# What else goes into the parcel of everything a reader has: (reader's id) -> pairs of a file's name and its blocks.
PARCEL_SOURCES = ["mindory_web.wiring.remembered"]
# Where the words in a book now are that something remembered stands on: (memory) -> Place, or None.
MEMORY_PLACE = "mindory_web.wiring.place_of"

# --- Memory -------------------------------------------------------------------------------------

MEMORY_IDLE_SECONDS = env.whole("MINDORY_MEMORY_IDLE_SECONDS", 900, at_least=5, at_most=2_592_000)
MEMORY_TURNS = env.whole("MINDORY_MEMORY_TURNS", 20, at_least=1, at_most=10_000)  # new ones are learned from at once
MEMORY_TOKENS = env.whole("MINDORY_MEMORY_TOKENS", 500, at_most=8000)  # told to a question; 0: nothing
MEMORY_ANSWER_SECONDS = env.whole("MINDORY_MEMORY_ANSWER_SECONDS", 180, at_least=5, at_most=3600)  # of a model, whole
MEMORY_ATTEMPTS = 5
MEMORY_INDEX_BYTES = env.whole("MINDORY_MEMORY_INDEX_MB", 128, at_least=8, at_most=65536) * 1024 * 1024  # a process
MEMORY_LEASE_SECONDS = INGEST_LEASE_SECONDS

# --- Engines ------------------------------------------------------------------------------------

LLM_BASE_URL = env.text("MINDORY_LLM_BASE_URL")
LLM_API_KEY = env.text("MINDORY_LLM_API_KEY")
LLM_MODEL = env.text("MINDORY_LLM_MODEL")
LLM_TIMEOUT_SECONDS = env.whole("MINDORY_LLM_TIMEOUT_SECONDS", 60, at_least=1, at_most=3600)  # to the first word
if bool(LLM_BASE_URL) != bool(LLM_MODEL):
    raise BadSetting("Set MINDORY_LLM_BASE_URL and MINDORY_LLM_MODEL together, or neither.")
# The one embedding process of this host: a unix socket path, or host:port.
EMBEDDER_ADDRESS = env.text("MINDORY_EMBEDDER", str(places.embedder_socket(DATA)))
EMBEDDING_THREADS = env.whole("MINDORY_EMBEDDING_THREADS", 0, at_most=256)  # 0: as many as there are cores
EMBEDDER_KEY = env.text("MINDORY_EMBEDDER_KEY")  # a shared secret, for host:port
EMBEDDER_IDLE_SECONDS = env.whole("MINDORY_EMBEDDER_IDLE_SECONDS", 600, at_least=1)  # then the model leaves memory
EMBEDDING_PRECISION = env.choice("MINDORY_EMBEDDING_PRECISION", ("auto", "int8", "fp32"), "auto")
# Or any OpenAI-compatible endpoint instead of the bundled English model.
EMBEDDING_BASE_URL = env.text("MINDORY_EMBEDDING_BASE_URL")
EMBEDDING_API_KEY = env.text("MINDORY_EMBEDDING_API_KEY")
EMBEDDING_MODEL = env.text("MINDORY_EMBEDDING_MODEL")
EMBEDDING_LANGUAGES = env.words("MINDORY_EMBEDDING_LANGUAGES")  # empty: that model votes on every language
if bool(EMBEDDING_BASE_URL) != bool(EMBEDDING_MODEL):
    raise BadSetting("Set MINDORY_EMBEDDING_BASE_URL and MINDORY_EMBEDDING_MODEL together, or neither.")
VECTOR_STORE = "pgvector"
# The seams: dotted names, so that a test can bring a fake that a person can compute.
EMBEDDING_ENGINE = (
    "mindory_web.engines.remote.RemoteEmbeddingEngine"
    if EMBEDDING_BASE_URL
    else "mindory_web.engines.embedding.LocalEmbeddingEngine"
)
LLM_CLIENT = "mindory_web.engines.llm.OpenAIClient"

# --- Accounts -----------------------------------------------------------------------------------

SIGNUP = env.choice("MINDORY_SIGNUP", ("closed", "invitation", "open"), "invitation")
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
EMAIL_URL = env.text("MINDORY_EMAIL_URL")
# Who signs up freely shows that the address is theirs, where mail can be sent; an invitation vouches for it.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SIGNUP == "open" and EMAIL_URL else "none"
ACCOUNT_CHANGE_EMAIL = ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Mindory] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(URL).scheme
ACCOUNT_FORMS = {"login": "mindory_web.accounts.forms.LoginForm", "signup": "mindory_web.accounts.forms.SignupForm"}
# Counted in the cache. "key" is the account that is tried, or the words typed where there is none such.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "10/m/ip,60/h/ip",
    "reset_password": "10/m/ip,3/5m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("MINDORY_BEHIND_PROXY", default=False) else 0
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "mindory_web.accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = None  # asked at the door
USERSESSIONS_TRACK_ACTIVITY = True
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_URL else "django.core.mail.backends.console.EmailBackend"
)
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    if _mail.scheme not in {"smtp", "smtps", "smtp+tls"} or not _mail.hostname:
        raise BadSetting("MINDORY_EMAIL_URL must look like smtp+tls://user:password@mail.example.org:587.")
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[_mail.scheme]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.username or "", _mail.password or ""
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
DEFAULT_FROM_EMAIL = env.text("MINDORY_EMAIL_FROM", f"Mindory <mindory@{urlsplit(URL).hostname}>")

# --- Security -----------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = False  # the proxy redirects; see docs/deploy.md
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("MINDORY_BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_FAILURE_VIEW = "mindory_web.lib.http.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        # Older browsers do not count sockets of this site as 'self'; a source cannot be an IPv6 address.
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in SOCKET_ORIGINS if "[" not in origin)],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
METRICS_TOKEN = env.text("MINDORY_METRICS_TOKEN")
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # SECURE_SSL_REDIRECT: TLS ends at the proxy

# --- The admin panel ----------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Mindory",
    "SITE_HEADER": "Mindory",
    "SITE_SUBHEADER": _("Operations"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("art/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("art/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("css/tokens.css"), lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin/expressions.js"), lambda request: static("js/admin/site.js")],
    "GLOBAL_CALLBACK": "mindory_web.dashboard.everywhere",
    "DASHBOARD_CALLBACK": "mindory_web.dashboard.context",
    "SIDEBAR": {"navigation": "mindory_web.dashboard.navigation"},
}

# --- Languages and time -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.text("MINDORY_TIME_ZONE", "UTC")

# --- Logs ---------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("MINDORY_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOG_JSON = env.flag("MINDORY_LOG_JSON", default=not sys.stderr.isatty())
from mindory_web.lib.logs import logging_config  # noqa: E402  (after the two settings it needs)

LOGGING = logging_config(level=LOG_LEVEL, as_json=LOG_JSON)
