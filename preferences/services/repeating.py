"""Requests that a partner may send again (R5): the first one's answer stands for 24 hours."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from preferences import keys
from preferences.errors import InFlight, OtherBody
from preferences.models import ApiKey, IdempotentRequest

KEPT = timedelta(hours=24)
IN_FLIGHT = timedelta(seconds=60)  # longer than any request lives: whoever carried it out is gone


def claim_request(*, key: ApiKey, name: str, body: bytes) -> IdempotentRequest:
    """The request under this name: with its answer if it was given, else ours to carry out and to settle.

    Raises OtherBody, InFlight.
    """
    # Keyed, as all that a partner chose or said may tell who it is about.
    name_hash = keys.keyed_digest("idempotency", name.encode())
    body_hash = keys.keyed_digest("idempotency", body)
    now = timezone.now()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(
                key=key, name_hash=name_hash, body_hash=body_hash, created_at=now
            )
    except IntegrityError:
        row = IdempotentRequest.objects.get(key=key, name_hash=name_hash)
    age = now - row.created_at
    if age < KEPT and bytes(row.body_hash) != body_hash:
        raise OtherBody("give every request an Idempotency-Key of its own")
    if age < KEPT and row.status is not None:
        return row
    if age < IN_FLIGHT:
        raise InFlight("wait a moment, then send it again")
    # Of two that find it abandoned one takes it over: the one whose update still finds the old time.
    unclaimed = IdempotentRequest.objects.filter(pk=row.pk, created_at=row.created_at)
    if not unclaimed.update(created_at=now, body_hash=body_hash, status=None, answer=None):
        raise InFlight("wait a moment, then send it again")
    row.created_at, row.status, row.answer = now, None, None
    return row


def settle_request(*, claimed: IdempotentRequest, status: int, answer: Mapping[str, Any]) -> None:
    """Keep the answer for whoever sends the request again; nothing where somebody took it over."""
    ours = IdempotentRequest.objects.filter(pk=claimed.pk, created_at=claimed.created_at)
    ours.update(status=status, answer=answer)


def release_request(*, claimed: IdempotentRequest) -> None:
    """Forget a request that was refused or failed: nothing was done, so it may be sent again."""
    IdempotentRequest.objects.filter(pk=claimed.pk, created_at=claimed.created_at).delete()


def forget_old_requests() -> int:
    """Answers are kept for 24 hours, then forgotten; returns how many were."""
    return IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
