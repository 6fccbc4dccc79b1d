"""Comparing a system with Heed, chunk by chunk, and mending in the direction that staff choose."""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from destinations import credentials, pacing
from destinations.backfill import next_ids
from destinations.comparing import Differs, compare
from destinations.connectors import CONNECTORS
from destinations.contract import Connector
from destinations.heard import cells_of, restrictions_of
from destinations.models import Destination, Discrepancy, Propagation, Reconciliation
from destinations.services.noting import note
from destinations.services.telling import send_again
from destinations.terms import DestinationState, Mended, Side
from preferences import identity, selectors
from preferences.errors import Forgotten, Malformed
from preferences.identity import Named
from preferences.models import Source
from preferences.services import Call, Choice, Said, choose, identify, restrict
from preferences.terms import Actor, IdentifierKind, RestrictionKind, State

log = logging.getLogger(__name__)
MINUTE = 60.0


class NotNow(Malformed):
    """What a system holds cannot be looked at for now: it goes on from there, in so many seconds or more.

    `by_itself`: the vendor works on it, or its rate limit is used up; nothing is wrong.
    """

    def __init__(self, message: str, after: float = MINUTE, *, by_itself: bool = True) -> None:
        super().__init__(message)
        self.after, self.by_itself = after, by_itself


def readable(destination: Destination) -> Connector:
    """Its connector. Raises Malformed where nothing there can be read, or it may not be called."""
    connector = CONNECTORS.get(destination.connector)
    if connector is None or not connector.reads:
        raise Malformed(f"what {destination.name} holds cannot be read")
    if destination.state == DestinationState.PAUSED:
        raise Malformed(f"{destination.name} is paused: nothing there is called")
    return connector


@transaction.atomic
def begin(*, destination: Destination, by: str) -> Reconciliation:
    """Begin to compare, or go on with what was broken off. Raises Malformed."""
    readable(destination)
    found, _ = Reconciliation.objects.get_or_create(
        destination=destination, finished_at=None, defaults={"asked_by": by}
    )
    return found


def look_on(*, reconciliation: Reconciliation, now: datetime | None = None) -> bool:
    """Compare the next people; True once all were. Nothing is locked while the system is called.

    Whoever cannot be looked at is counted; where the system is to blame, it goes on from there another time.
    Of two who look at once only the first counts. Raises Malformed, NotNow, Unreadable.
    """
    moment = now or timezone.now()
    destination = reconciliation.destination
    connector = readable(destination)
    if wait := pacing.until_spare(destination, moment):
        raise NotNow(f"{destination.name} is at its rate limit: it goes on from here by itself", wait)
    ids = next_ids(connector, reconciliation.after, connector.batch_max)
    found = compare(destination, connector, ids, moment)
    if found.is_down:
        words = f"{destination.name} cannot be read now ({found.why}): it goes on from here later"
        raise NotNow(words, by_itself=False)
    if found.wait:
        charge(destination, found.calls, moment)
        raise NotNow(
            f"{destination.name} is writing its list out: it goes on from here by itself", found.wait
        )
    with transaction.atomic():
        where_it_was = Reconciliation.objects.filter(
            pk=reconciliation.pk, after=reconciliation.after, finished_at=None
        )
        went_on = where_it_was.update(
            after=ids[-1] if ids else reconciliation.after,
            looked_at=F("looked_at") + len(ids) - found.unread,
            unread=F("unread") + found.unread,
            why=found.why or reconciliation.why,
            finished_at=moment if len(ids) < connector.batch_max else None,
        )
        if went_on:
            _keep(reconciliation, found.differs)
        pacing.charge(destination, found.calls, moment)
    reconciliation.refresh_from_db()
    return reconciliation.finished_at is not None


@transaction.atomic
def charge(destination: Destination, calls: int, now: datetime) -> None:
    """Looking uses up an account's rate too."""
    pacing.charge(destination, calls, now)


def _keep(reconciliation: Reconciliation, differs: Sequence[Differs]) -> None:
    Discrepancy.objects.bulk_create(
        [
            Discrepancy(
                reconciliation=reconciliation,
                identifier_id=each.identifier_id,
                target=each.target,
                side=each.side,
            )
            for each in differs
        ],
        ignore_conflicts=True,
    )


def go_on(seconds: float) -> bool:
    """Go on with what is being compared, for so long; True where something is left."""
    end = time.monotonic() + seconds
    for each in Reconciliation.objects.filter(finished_at=None).select_related("destination").order_by("id"):
        try:
            while not look_on(reconciliation=each):
                if time.monotonic() > end:
                    return True
        except (Malformed, credentials.Unreadable) as fault:
            told = {"destination": each.destination.slug, "why": str(fault)}
            log.warning("reconciliation.waits", extra=told)
    return False


def begin_what_is_due(now: datetime) -> None:
    """Systems that were not compared for some days (HEED_RECONCILE_DAYS) are. 0: only when staff ask."""
    if not settings.HEED_RECONCILE_DAYS:
        return
    lately = now - timedelta(days=settings.HEED_RECONCILE_DAYS)
    seen = Reconciliation.objects.filter(started_at__gt=lately).values("destination")
    known = [slug for slug, connector in CONNECTORS.items() if connector.reads]
    due = Destination.objects.filter(state=DestinationState.LIVE, connector__in=known, created_at__lt=lately)
    for destination in due.exclude(pk__in=seen):
        begin(destination=destination, by="Heed")


def open_at(reconciliation: Reconciliation, side: Side) -> Sequence[Discrepancy]:
    """What was found and nobody has mended."""
    return list(
        reconciliation.found.filter(side=side, mended="")
        .select_related("identifier", "reconciliation")
        .order_by("id")
    )


@transaction.atomic
def push(*, reconciliation: Reconciliation, by: str) -> int:
    """Tell the system again what it lacks; returns how many rows. Raises Malformed before it has ended."""
    _check_ended(reconciliation)
    found = open_at(reconciliation, Side.MISSING_THERE)
    rows = Propagation.objects.filter(
        destination=reconciliation.destination, identifier__in={each.identifier_id for each in found}
    )
    told = send_again(propagation_ids=list(rows.values_list("pk", flat=True)), by=by)
    _mend(found, Mended.PUSHED, by)
    return told


@transaction.atomic
def adopt(*, reconciliation: Reconciliation, by: str) -> int:
    """Count here what people were opted out of there; returns how many. An opt-in is never taken over.

    It counts from when the comparison ended: it stood by then, and whoever said yes since stays in.
    Raises Malformed before it has ended.
    """
    _check_ended(reconciliation)
    found = open_at(reconciliation, Side.ONLY_THERE)
    destination = reconciliation.destination
    values = selectors.plaintexts({each.identifier_id for each in found})
    adopted = [each for each in found if _adopt(destination, each, values, by)]
    _mend(adopted, Mended.ADOPTED, by)
    return len(adopted)


@transaction.atomic
def leave(*, reconciliation: Reconciliation, by: str) -> int:
    """Leave what stands only there as it is."""
    found = open_at(reconciliation, Side.ONLY_THERE)
    _mend(found, Mended.LEFT, by)
    return len(found)


def _check_ended(reconciliation: Reconciliation) -> None:
    """What was agreed to must not grow meanwhile."""
    if reconciliation.finished_at is None:
        raise Malformed(
            f"{reconciliation.destination.name} is still being compared: wait until that has ended"
        )


def _adopt(destination: Destination, each: Discrepancy, values: dict[UUID, str], by: str) -> bool:
    """False where their no there is none that Heed could hold."""
    seen_at = each.reconciliation.finished_at or timezone.now()
    source = destination.source or Source.objects.get(slug="staff")
    said = Said(source, Actor.VENDOR, seen_at, {"reconciliation": each.reconciliation_id}, who=by)
    choices = [
        Choice(category, channel, State.OUT) for category, channel in cells_of(destination, each.target)
    ]
    identifier, kinds = each.identifier, restrictions_of(destination, each.target)
    if identifier.kind == IdentifierKind.HEED:
        if not choices:
            return False
        try:
            choose(profile_id=identifier.pk, choices=choices, said=said)
        except Forgotten:  # since: the others' noes count all the same
            return False
    elif identifier.pk in values and (choices or kinds):
        _hold(Named(identifier.kind, identifier.namespace, values[identifier.pk]), choices, kinds, said)
    else:
        return False
    note(destination, [identifier.pk], each.target, seen_at, denied=True)
    return True


def _hold(who: Named, choices: Sequence[Choice], kinds: Iterable[RestrictionKind], said: Said) -> None:
    """Their no about one address: of whoever holds it, or else of the address itself (R7, R10)."""
    if choices:
        identify(call=Call((who,), tuple(choices)), said=said)
    for kind in kinds:
        [pk] = identity.find_or_make([who]).values()
        restrict(identifier_id=pk, kind=kind, said=said)


def _mend(found: Sequence[Discrepancy], how: Mended, by: str) -> None:
    Discrepancy.objects.filter(pk__in=[each.pk for each in found]).update(
        mended=how, mended_by=by, mended_at=timezone.now()
    )
