"""Every setting of Heed, read from the environment with safe defaults. docs/settings.md explains each."""

from importlib.util import find_spec
from pathlib import Path

from django.conf.locale import LANG_INFO

from config import unfold
from config.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_env(str(BASE_DIR / ".env"))

# --- who may reach us, and how ---
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")  # heed.E001 refuses to start without one
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
HTTPS = env.bool("HTTPS", default=True)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

SECURE_SSL_REDIRECT = HTTPS
# One-click unsubscribe (RFC 8058, section 3.1) and partners' POSTs must never be answered by a redirect.
SECURE_REDIRECT_EXEMPT = [r"^u/", r"^v1/", r"^banner", r"^inbound/", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Not no-referrer: browsers then send "Origin: null" with our own forms too, and CSRF protection refuses them.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 15 * 60  # 45 CFR 164.312(a)(2)(iii): automatic logoff
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # and after fifteen idle minutes in any case
SESSION_SAVE_EVERY_REQUEST = False
CSRF_FAILURE_VIEW = "config.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Heed itself ---
# The first key is current; older ones stay listed for what was written under them.
HEED_KEYS = env.list("HEED_KEYS", default=[])  # heed.E002 refuses to start without one
HEED_ORGANISATION = env.str("HEED_ORGANISATION", default="Riverside Health")
HEED_JURISDICTION = env.list("HEED_JURISDICTION", default=[])
HEED_MRN_AUTHORITY = env.str("HEED_MRN_AUTHORITY", default="main")
HEED_PHONE_REGION = env.str("HEED_PHONE_REGION", default="US")
# What a STOP covers (47 CFR 64.1200(a)(10); its "revoke all" clause is delayed to 2027-01-31).
HEED_STOP_CHANNELS = env.list("HEED_STOP_CHANNELS", default=["sms"])
# slug of a destination -> the private hosts and ports it may reach, e.g. {"fhir": ["10.2.0.7:443"]}
HEED_PRIVATE_HOSTS = env.json("HEED_PRIVATE_HOSTS", default={})
# The share of a system's people that an act may change without a second person.
HEED_BLAST_RADIUS = env.float("HEED_BLAST_RADIUS", default=0.1)
# The last share of a deadline's time in which staff are warned that it is near.
HEED_DEADLINE_NEAR = env.float("HEED_DEADLINE_NEAR", default=0.2)
HEED_ALARM_EMAILS = env.list("HEED_ALARM_EMAILS", default=[])
# Days after which what vendors sent is destroyed, once it was read.
HEED_INBOUND_DAYS = env.int("HEED_INBOUND_DAYS", default=30)
# Days after which what an event held is destroyed; what was done with it stays on record.
HEED_EVENT_DAYS = env.int("HEED_EVENT_DAYS", default=30)
# Days after which the record that an event went, or did not, is deleted, too: six years, as 45 CFR 164.316
# (b)(2)(i) has it for what documents decisions.
HEED_VERDICT_DAYS = env.int("HEED_VERDICT_DAYS", default=2_192)
# Does every policy take two people, or only one that gives up what protects people from advertising?
HEED_POLICY_TWO_PEOPLE = env.bool("HEED_POLICY_TWO_PEOPLE", default=False)
# How often each system that can be read is compared with Heed; 0: only when staff ask.
HEED_RECONCILE_DAYS = env.int("HEED_RECONCILE_DAYS", default=7)
# Which headers of a CDN or proxy say where a visitor of a website is: country, and part of it.
HEED_REGION_HEADERS = env.list("HEED_REGION_HEADERS", default=[])
HEED_REGION = env.str("HEED_REGION", default="")  # where they are taken to be without such a header
# How many posts a minute a banner takes from one network.
HEED_BANNER_RATE = env.int("HEED_BANNER_RATE", default=60)
HEED_LINK_DAYS = env.int("HEED_LINK_DAYS", default=30)
# How many codes to come in by one network (/24, /48) may ask for in an hour.
HEED_CODES_PER_NETWORK = env.int("HEED_CODES_PER_NETWORK", default=60)
HEED_SYSTEMS_URL = env.str("HEED_SYSTEMS_URL", default="")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the site is our own: config.staff.site
    "config.apps.HeedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "django_q",
    "preferences",
    "governance",
    "destinations",
    "portal",
    "config",
]

MIDDLEWARE = [
    "config.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.Closed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.languages.Spoken",
    "config.errors.Worded",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data ---
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads first and writes later would otherwise fail at once under load.
    # FULL: 2xx means durable, power loss included. recursive_triggers: else INSERT OR REPLACE would
    # slip past the ledger's DELETE trigger (sqlite.org/lang_conflict.html).
    DATABASE["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            f"PRAGMA synchronous={env.str('SQLITE_SYNCHRONOUS', default='FULL')};"
            "PRAGMA recursive_triggers=ON;"
            "PRAGMA temp_store=MEMORY;"
            "PRAGMA cache_size=-20000;"
            "PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    # No psycopg pool: qcluster forks, and forked children would share its sockets (heed.E003).
    DATABASE["CONN_HEALTH_CHECKS"] = True
    # A statement that comes again is parsed and planned once for a connection, not each time.
    DATABASE["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 5 if env.bool("PREPARE_STATEMENTS", default=True) else None,
        **DATABASE.get("OPTIONS", {}),
    }
DATABASE["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:  # where it does not answer nobody waits for it; seconds, and a queue is waited at for one
    REDIS_URL += ("&" if "?" in REDIS_URL else "?") + "socket_connect_timeout=2&socket_timeout=5"
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- mail ---
vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Heed <heed@localhost>")

# --- work in the background ---
# A task is only ever a hint: what must be done stands in rows, so a lost or doubled task is harmless.
Q_CLUSTER = {
    "name": "heed",
    "workers": env.int("Q_WORKERS", default=2),
    "poll": 0.1,
    "bulk": 10,
    "queue_limit": 20,
    "timeout": 60,
    "retry": 120,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 500,
    "guard_cycle": 1,
    "label": "Background work",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# --- people, languages, pages ---
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
# Django has no name for it.
LANG_INFO["tl"] = {"bidi": False, "code": "tl", "name": "Tagalog", "name_local": "Tagalog"}
LANG_INFO["ht"] = {"bidi": False, "code": "ht", "name": "Haitian Creole", "name_local": "Kreyòl ayisyen"}
LANGUAGES = [  # in their own words: patients read them. Which of them are offered, staff say.
    ("en", "English"),
    ("es", "Español"),
    ("zh-hans", "简体中文"),
    ("vi", "Tiếng Việt"),
    ("tl", "Tagalog"),
    ("ko", "한국어"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env.str("TIME_ZONE", default="America/New_York")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
# Only what /v1/docs shows of that package.
SIDECAR = Path(str(find_spec("drf_spectacular_sidecar").origin)).parent / "static/drf_spectacular_sidecar"  # type: ignore[union-attr]
STATICFILES_DIRS = [BASE_DIR / "static", ("swagger-ui-dist", SIDECAR / "swagger-ui-dist")]
STATIC_COMPRESS = env.bool("STATIC_COMPRESS", default=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if STATIC_COMPRESS
            else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        )
    },
}

# --- the partner API ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
API_THROTTLE = env.str("API_THROTTLE", default="6000/minute")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Of a form with its files, which the line above does not count; a logo's 30 KB are for its form to tell of.
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_HANDLERS = ["config.uploads.InMemory"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the largest mapper's form: 200 rows, each with 10 steps

UNFOLD = unfold.FRAME

# --- logs: scrubbed by the formatter, so every logger must end at this handler ---
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "config.logs.ScrubbedJson",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(process)d %(message)s",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        name: {"handlers": [], "propagate": True, "level": "NOTSET"}
        # These bring handlers of their own, which would print paths as they came.
        for name in ("django", "django.server", "gunicorn.error")
    }
    # One line a request is ours (config.logs.RequestLog); gunicorn's would hold the patient's network address
    # and browser, and with a dictConfig it writes them whatever `accesslog` says.
    | {"gunicorn.access": {"handlers": ["nowhere"], "propagate": False}},
}
