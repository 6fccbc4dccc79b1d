"""The one place where the room on top plugs in what the rooms below know about their own health."""

from datetime import datetime

from django.db.models import Max

from destinations.models import Heartbeat
from preferences import triggers


def missing_triggers() -> list[str]:
    """Guards that are not on the ledger: without them the database would let somebody change it."""
    return triggers.missing()


def last_heartbeat() -> datetime | None:
    """When any background work last showed that it runs."""
    newest: datetime | None = Heartbeat.objects.aggregate(newest=Max("at"))["newest"]
    return newest
