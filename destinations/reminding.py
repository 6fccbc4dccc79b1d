"""Mails to owners of systems that are kept by hand: at most one an hour, and daily while something waits.

Run by the sweep. A mail is claimed before it is sent, so of two sweeps one mails; one that could not be sent
is tried again an hour later.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import QuerySet

from destinations import credentials, http, ways
from destinations.connectors import CONNECTORS
from destinations.models import Destination, ManualTask
from destinations.sending import CALL_SECONDS, settings_for, way_to
from destinations.terms import DestinationState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DESK = "/admin/stuck/"

log = logging.getLogger(__name__)


def remind(now: datetime) -> int:
    """Mail whoever has not been told lately; returns how many mails left."""
    waiting = ManualTask.objects.filter(done_at__isnull=True, remind_at__lte=now)
    systems = waiting.values("propagation__destination").distinct()
    live = Destination.objects.filter(pk__in=systems, state=DestinationState.LIVE)
    return sum(_mailed(system, now) for system in live)


def _mailed(system: Destination, now: datetime) -> bool:
    if not (waiting := _claim(system, now)):
        return False
    if _sent(system, waiting):
        return True
    _of(system).update(remind_at=now + HOUR)
    return False


def _of(system: Destination) -> QuerySet[ManualTask]:
    return ManualTask.objects.filter(propagation__destination=system, remind_at__isnull=False)


@transaction.atomic
def _claim(system: Destination, now: datetime) -> int:
    """How many wait there, where it is time to say so; they are not said again before a day has passed."""
    Destination.objects.select_for_update().get(pk=system.pk)
    if _of(system).filter(remind_at__gt=now + DAY - HOUR).exists():  # a mail left within the hour
        return 0
    waiting = _of(system).filter(done_at__isnull=True)
    return waiting.update(remind_at=now + DAY) if waiting.filter(remind_at__lte=now).exists() else 0


def _sent(system: Destination, waiting: int) -> bool:
    connector = CONNECTORS.get(system.connector)
    try:
        if connector is None:
            return False
        settings = settings_for(system, connector)
        call = connector.reminder(waiting, f"{django_settings.PUBLIC_URL}{DESK}", settings)
        return call is None or ways.send(call, way_to(system, connector), time.monotonic() + CALL_SECONDS).ok
    except (http.NoAnswer, http.Blocked, credentials.Unreadable) as problem:
        log.error("the owner of %s was not mailed (%s)", system.slug, problem)
        return False
