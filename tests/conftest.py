"""What every test stands on: an environment of its own.

pytest-django reads DJANGO_SETTINGS_MODULE from pyproject.toml before this file is loaded, and settings read
the environment once. So the module is named here instead, after the keys.
"""

import os

import django
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as laws

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "tests only: not a secret",
    "HEED_KEYS": "test:" + "dGVzdHMgb25seTogMzIgYnl0ZXMsIG5vIHNlY3JldCE=",
    "HTTPS": "off",
    "LOG_LEVEL": "WARNING",
    "SQLITE_SYNCHRONOUS": "OFF",
}
for name, value in ENVIRONMENT.items():
    os.environ.setdefault(name, value)

# A law holds however busy the machine is.
laws.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
laws.load_profile("busy")

django.setup()

# Nobody ran collectstatic for the tests: no hashed names.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
# A password that is slow to guess is as slow to set: 0.4 s for each of a thousand members of staff.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

from tests.chromium import chromium  # noqa: E402
from tests.flushing import catalogue_as_published, guarded_ledger  # noqa: E402 - they need Django,
from tests.on_disk import django_db_modify_db_settings  # noqa: E402
from tests.redis_down import redis_down  # noqa: E402
from tests.systems import four_systems  # noqa: E402 - which stands only now

__all__ = [
    "catalogue_as_published",
    "chromium",
    "django_db_modify_db_settings",
    "four_systems",
    "guarded_ledger",
    "redis_down",
]
