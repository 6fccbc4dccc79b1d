"""Heed's own system checks: stable ids, each with its remedy.

An `E` refuses to start; a `W` speaks up in `check --deploy`.
"""

import sys
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from preferences.keys import parse_keys

MAKE_SIGNING_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
MAKE_HEED_KEY = "python -c 'import base64, os; print(\"k1:\" + base64.b64encode(os.urandom(32)).decode())'"

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def secret_key(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.E001: sessions and forms can't be signed without a SECRET_KEY."""
    try:
        present = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        present = False
    if present:
        return []
    remedy = f"Set SECRET_KEY in the environment, and keep it. Make one with: {MAKE_SIGNING_KEY}"
    return [Error("SECRET_KEY is not set.", hint=remedy, id="heed.E001")]


@register(Tags.security)
def heed_keys(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.E002: identifiers can be neither found nor read without HEED_KEYS."""
    try:
        parse_keys(settings.HEED_KEYS)
    except ValueError as problem:
        remedy = (
            "Set HEED_KEYS to a comma-separated list of id:base64, the current key first, and keep every key "
            f"that anything was written under: losing one loses what it locks. Make one with: {MAKE_HEED_KEY}"
        )
        return [Error(f"HEED_KEYS can't be used: {problem}.", hint=remedy, id="heed.E002")]
    return []


@register(Tags.database)
def pool_in_worker(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.E003: qcluster forks, and its children would share the pool's sockets."""
    databases = settings.DATABASES.items()
    pooled = [name for name, database in databases if database.get("OPTIONS", {}).get("pool")]
    if not pooled or "qcluster" not in sys.argv[1:2]:
        return []
    remedy = "Take `pool` out of DATABASE_URL for the workers; CONN_MAX_AGE keeps their connections open."
    return [Error(f"qcluster can't use psycopg's pool ({', '.join(pooled)}).", hint=remedy, id="heed.E003")]


@register(Tags.security, deploy=True)
def debug(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.W001: Django's debug pages print requests, and with them patients."""
    if not settings.DEBUG:
        return []
    return [Warning("DEBUG shows patients' data on error pages.", hint="Unset DEBUG.", id="heed.W001")]


@register(Tags.security, deploy=True)
def public_url(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.W002: links in messages lead to PUBLIC_URL, so it must be what patients can open."""
    url = urlsplit(settings.PUBLIC_URL)
    if url.scheme == "https" and url.hostname not in {None, "localhost", "127.0.0.1", "::1"}:
        return []
    remedy = "Set PUBLIC_URL to the https address under which patients reach Heed."
    return [Warning("PUBLIC_URL is no address that patients can open safely.", hint=remedy, id="heed.W002")]


@register(Tags.database, deploy=True)
def durable(app_configs: Apps = None, **kwargs: object) -> list[CheckMessage]:
    """heed.W003: with less than FULL, SQLite may forget an answered opt-out when the power fails."""
    options = settings.DATABASES["default"].get("OPTIONS", {}).get("init_command", "")
    if "synchronous=" not in options or "synchronous=FULL" in options or "synchronous=EXTRA" in options:
        return []
    return [Warning("SQLite may lose answered changes.", hint="Set SQLITE_SYNCHRONOUS=FULL.", id="heed.W003")]


def refuse_to_start_without_keys() -> None:
    """For doors that run no system checks (WSGI). Raises ImproperlyConfigured with every remedy."""
    problems = [*secret_key(), *heed_keys()]
    if problems:
        raise ImproperlyConfigured(_in_words(problems))


def _in_words(problems: Iterable[CheckMessage]) -> str:
    return "\n".join(f"{problem.id}: {problem.msg} {problem.hint}" for problem in problems)
