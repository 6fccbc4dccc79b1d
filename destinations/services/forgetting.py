"""What events held is destroyed after some days, and the record of them after some years."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from destinations.models import Event, Forwarding

CHUNK, CHUNKS = 1_000, 20


def forget_event_bodies(now: datetime) -> int:
    """Destroy what events held once HEED_EVENT_DAYS have passed; what was done with them stays on record."""
    before = now - timedelta(days=settings.HEED_EVENT_DAYS)
    old = Event.objects.filter(body__isnull=False, received_at__lt=before).order_by("received_at")
    forgotten = 0
    for _ in range(CHUNKS):  # what is left goes a minute later
        chunk = list(old.values_list("pk", flat=True)[:CHUNK])
        forgotten += Event.objects.filter(pk__in=chunk).update(body=None) if chunk else 0
        if len(chunk) < CHUNK:
            break
    return forgotten


def forget_forwardings(now: datetime) -> int:
    """Delete what is older than HEED_VERDICT_DAYS: verdicts, then events of which none is left."""
    before = now - timedelta(days=settings.HEED_VERDICT_DAYS)
    forgotten = 0
    for _ in range(CHUNKS):
        chunk = _delete_chunk(before)
        forgotten += chunk
        if chunk < CHUNK:
            break
    return forgotten


@transaction.atomic
def _delete_chunk(before: datetime) -> int:
    old = Forwarding.objects.filter(settled_at__lt=before).order_by("settled_at")
    rows = list(old.values_list("pk", "event_id")[:CHUNK])
    Forwarding.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    events = Event.objects.filter(pk__in={event for _, event in rows}, received_at__lt=before)
    events.filter(forwardings__isnull=True).delete()
    return len(rows)
