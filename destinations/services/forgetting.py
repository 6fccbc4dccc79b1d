"""What events held is destroyed after some days."""

from datetime import datetime, timedelta

from django.conf import settings

from destinations.models import Event

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
