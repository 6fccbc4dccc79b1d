"""What vendors tell us: kept before they are answered, counted afterwards, each event in one transaction."""

import logging
import time
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django_q.tasks import async_task

from destinations import sealing
from destinations.backoff import row_delay
from destinations.models import Inbound, InboundEvent
from destinations.resolving import RESOLVING, Unresolved, resolved
from destinations.services.counting import Counted, count, put_unplaced
from destinations.services.listening import settings_of
from destinations.services.texting_out import TooEarly
from destinations.terms import EventState
from destinations.vendors import VENDORS
from destinations.vendors.contract import Item, Unreadable
from preferences import keys
from preferences.models import Identifier

log = logging.getLogger(__name__)
USE = "inbound"
CHUNK, HEAR_SECONDS = 100, 20.0


@transaction.atomic
def keep(*, inbound: Inbound, items: Sequence[Item], now: datetime) -> int:
    """Keep every event of a call that is new, and ask for it to be read; returns how many were."""
    prints = {item: keys.fingerprints(USE, str(inbound.pk), item.key) for item in items}
    every = [each for generations in prints.values() for each in generations]
    known = set(InboundEvent.objects.filter(inbound=inbound, key__in=every).values_list("key", flat=True))
    rows = [
        InboundEvent(
            inbound=inbound,
            key=generations[-1],
            body=sealing.seal(item.content, USE),
            received_at=now,
            due_at=now,
        )
        for item, generations in prints.items()
        if known.isdisjoint(generations)  # at any generation of keys
    ]
    InboundEvent.objects.bulk_create(rows, ignore_conflicts=True)
    Inbound.objects.filter(pk=inbound.pk).update(heard_at=now)
    transaction.on_commit(lambda: async_task("destinations.tasks.hear"), robust=True)
    return len(rows)


def hear(now: datetime | None = None) -> int:
    """Count every event whose time has come; returns how many. What takes longer goes on in another task."""
    counted, end = 0, time.monotonic() + HEAR_SECONDS
    while due := _due(now or timezone.now()):
        before = counted
        for pk in due:
            counted += _hear_one(pk, now or timezone.now())
            if time.monotonic() > end:
                async_task("destinations.tasks.hear")
                return counted
        if counted == before:  # others have them
            break
    return counted


def _due(now: datetime) -> list[int]:
    """In the order in which they came in; those that a system must be asked about last: it may not answer."""
    asks = Case(When(inbound__vendor__in=RESOLVING, then=Value(1)), default=Value(0))
    waiting = InboundEvent.objects.filter(due_at__lte=now).order_by(asks, "id")
    return list(waiting.values_list("pk", flat=True)[:CHUNK])


def _hear_one(pk: int, now: datetime) -> int:
    try:
        _resolve(pk, now)
        with transaction.atomic():
            event = _locked(pk, now)
            if event is None:
                return 0
            _settle(event, _read_and_count(event), now)
    except (Unresolved, TooEarly) as not_yet:
        _try_later(pk, str(not_yet), now)
    except Exception as fault:
        # Where it broke, without what broke it: its message may repeat what somebody wrote (R20).
        trace = "".join(traceback.format_tb(fault.__traceback__))
        log.error("inbound.failed", extra={"event_row": pk, "error": type(fault).__name__, "trace": trace})
        _try_later(pk, type(fault).__name__, now)
    return 1


def _resolve(pk: int, now: datetime) -> None:
    """Ask the system for what the event leaves out: outside of any transaction, for it may take its time."""
    waiting = InboundEvent.objects.select_related("inbound").filter(pk=pk, due_at__lte=now)
    event = waiting.filter(inbound__vendor__in=RESOLVING).first()
    if event and event.body is not None:
        content = sealing.unseal(bytes(event.body), USE)
        found = resolved(event.inbound, content)
        if found != content:
            InboundEvent.objects.filter(pk=pk).update(body=sealing.seal(found, USE))


def _locked(pk: int, now: datetime) -> InboundEvent | None:
    """None where another worker has it, or had."""
    found = InboundEvent.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "inbound__source"
    )
    return found.filter(pk=pk, due_at__lte=now).first()


def _read_and_count(event: InboundEvent) -> Counted:
    vendor = VENDORS[event.inbound.vendor]
    try:
        heard = vendor.read(sealing.unseal(bytes(event.body or b""), USE), settings_of(event.inbound))
    except Unreadable as fault:
        put_unplaced(event.inbound, str(fault))
        return Counted(EventState.KEPT, fault=str(fault))
    return count(event.inbound, heard, event.received_at)


def words_of(event: InboundEvent) -> str:
    """What somebody wrote in a text, for whoever must read it; empty where nobody can any more."""
    vendor = VENDORS.get(event.inbound.vendor)
    if event.body is None or vendor is None:
        return ""
    try:
        heard = vendor.read(sealing.unseal(bytes(event.body), USE), settings_of(event.inbound))
    except (sealing.Unreadable, Unreadable):
        return ""
    return "\n".join(each.text for each in heard if each.text)


def _settle(event: InboundEvent, counted: Counted, now: datetime) -> None:
    event.state, event.event = counted.state, counted.event[:100]
    event.became, event.fault = counted.became[:200], counted.fault[:200]
    event.due_at, event.read_at = None, now
    event.save(update_fields=["state", "event", "became", "fault", "due_at", "read_at"])
    event.identifiers.set(Identifier.objects.filter(pk__in=counted.identifiers))


@transaction.atomic
def _try_later(pk: int, fault: str, now: datetime) -> None:
    """Never given up: an opt-out may be in it. Staff see it meanwhile. What another has counted stays so."""
    event = _locked(pk, now)
    if event is None:
        return
    event.tries = min(event.tries + 1, 1000)
    event.state, event.fault = EventState.LATER, fault[:200]
    event.due_at = now + timedelta(seconds=row_delay(event.tries))
    event.save(update_fields=["tries", "state", "fault", "due_at"])


@transaction.atomic
def read_again(*, event: InboundEvent, by: str) -> None:
    """Read a kept event once more: a category was mapped meanwhile, say. Its body must still be there."""
    now = timezone.now()
    again = InboundEvent.objects.filter(pk=event.pk, body__isnull=False, state=EventState.KEPT)
    again.update(due_at=now, state=EventState.WAITING)
    transaction.on_commit(lambda: async_task("destinations.tasks.hear"), robust=True)
    log.info("inbound.read_again", extra={"by": by, "event_row": event.pk})


def forget_bodies(now: datetime) -> int:
    """Destroy what vendors sent once it was read and some days have passed (HEED_INBOUND_DAYS)."""
    old = now - timedelta(days=settings.HEED_INBOUND_DAYS)
    done = [EventState.COUNTED, EventState.NOTHING]
    return InboundEvent.objects.filter(state__in=done, read_at__lt=old, body__isnull=False).update(body=None)


def note_refused(*, inbound: Inbound, why: str, now: datetime) -> None:
    """Somebody called who did not prove to be the vendor: staff see it. Once a minute is enough."""
    if inbound.refused_at is None or now - inbound.refused_at > timedelta(minutes=1):
        Inbound.objects.filter(pk=inbound.pk).update(refused_at=now, refused_why=why[:200])
