"""What changes by the clock alone: an opt-in that ends by itself is told like any other change."""

from datetime import datetime

from django.db import transaction

from preferences import ledger, projection, slots
from preferences.clock import instant, micros
from preferences.models import Profile
from preferences.sql import for_update
from preferences.terms import SubjectKind

CHUNK = 500


@transaction.atomic
def hand_over_what_time_changed(now: datetime) -> int:
    """Hand over people whose answers have changed by the clock; returns how many of a chunk those were."""
    due = Profile.objects.filter(next_change_at__lte=now).order_by("id")
    if for_update():
        due = due.select_for_update(skip_locked=True)
    rows = list(due.only("id", "choices", "pauses", "next_change_at")[:CHUNK])
    for profile in rows:
        ends = projection.next_change(projection.load(profile.choices), profile.pauses, micros(now))
        Profile.objects.filter(pk=profile.pk).update(next_change_at=instant(ends) if ends else None)
    if rows:
        ledger.hand_over([(SubjectKind.PROFILE, str(profile.pk)) for profile in rows], now, denies=True)
        transaction.on_commit(slots.on_outbox, robust=True)
    return len(rows)
