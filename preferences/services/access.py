"""Sources, their keys, and the record of who looked at whom."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from preferences.errors import Malformed, Refused
from preferences.models import ApiKey, Source, ViewLog
from preferences.terms import Scope

PREFIX = "heed_"
ID_LENGTH = 8
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
ID = re.compile(rf"[{ALPHABET}]{{{ID_LENGTH}}}")
SECRET = re.compile(rf"{PREFIX}{ID.pattern}_[A-Za-z0-9_-]{{43}}")

MADE = (
    "no other key was made: heed_{id}… was made by this page already, and a key is shown only once. If "
    "nobody copied it, revoke it under Settings, API keys, and make another"
)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key: its secret is shown this once and kept nowhere."""

    key: ApiKey
    secret: str = field(repr=False)


def save_source(*, source: Source) -> Source:
    """Make or change a source. Its slug is part of every external id it gave: once made it stays."""
    if source.pk:
        source.slug = Source.objects.values_list("slug", flat=True).get(pk=source.pk)
    source.save()
    return source


def new_key_id() -> str:
    """Of a key that is yet to be made. A form that brings it makes one key, however often it is sent."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def issue_key(
    *,
    source: Source,
    name: str,
    scopes: Sequence[Scope],
    created_by: str = "",
    expires_at: datetime | None = None,
    key_id: str | None = None,
) -> IssuedKey:
    """Make a key for a source: `heed_<8 characters of id>_<32 random bytes, base64url>`.

    Raises Refused where a key of this id was made already.
    """
    key_id = new_key_id() if key_id is None else key_id
    if not ID.fullmatch(key_id):
        raise Malformed("no key was made: the page was not whole. Load it anew")
    random = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    secret = f"{PREFIX}{key_id}_{random}"
    key = ApiKey(
        id=key_id,
        source=source,
        name=name,
        hash=hashlib.sha256(secret.encode()).digest(),
        scopes=sorted(scope.value for scope in scopes),
        created_by=created_by,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError as taken:
        raise Refused(MADE.format(id=key_id)) from taken
    return IssuedKey(key, secret)


def revoke_key(*, key: ApiKey) -> None:
    """End a key at once; harmless where it has ended."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def key_for(secret: str) -> ApiKey | None:
    """The key that this secret is, if it may be used now: one query. Notes the day of its use."""
    if not SECRET.fullmatch(secret):
        return None
    key_id = secret[len(PREFIX) : len(PREFIX) + ID_LENGTH]
    key = next(iter(ApiKey.objects.select_related("source").filter(pk=key_id)), None)
    digest = hashlib.sha256(secret.encode()).digest()
    now = timezone.now()
    if key is None or not hmac.compare_digest(bytes(key.hash), digest) or not key.is_good_at(now):
        return None
    if key.last_used_on != now.date():
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=now.date())
    return key


def log_view(*, actor: str, page: str, profile_id: UUID | None = None, found: int | None = None) -> None:
    """Note that somebody searched for, listed or looked at a person (45 CFR 164.312(b))."""
    ViewLog.objects.create(actor=actor, page=page, profile_id=profile_id, found=found)
