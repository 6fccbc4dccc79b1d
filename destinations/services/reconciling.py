"""Comparing a system with Heed: chunk by chunk whom Heed knows, then page by page who is out there."""

import json
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from destinations import credentials, http, listing, pacing, sealing
from destinations.backfill import next_ids
from destinations.comparing import Differs, compare
from destinations.connectors import CONNECTORS
from destinations.contract import Connector, Later, Reason, Stuck
from destinations.contract import Refused as NotShown
from destinations.listing import Unknown
from destinations.models import Destination, Discrepancy, Reconciliation, UnknownAddress
from destinations.terms import DestinationState
from preferences import keys
from preferences.errors import Malformed

log = logging.getLogger(__name__)
MINUTE = 60.0
USE = "unknown"  # what addresses that only a system knows are sealed for


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
    """Compare the next people, then the system's own lists page by page; True once all were.

    Nothing is locked while the system is called. Whoever cannot be looked at is counted; where the system is
    to blame, it goes on from there another time. Of two who look at once only the first counts. Raises
    Malformed, NotNow, Unreadable.
    """
    moment = now or timezone.now()
    destination = reconciliation.destination
    connector = readable(destination)
    if wait := pacing.until_spare(destination, moment):
        raise NotNow(f"{destination.name} is at its rate limit: it goes on from here by itself", wait)
    look_at = _look_at_people if reconciliation.compared_at is None else _look_at_lists
    look_at(reconciliation, connector, moment)
    reconciliation.refresh_from_db()
    return reconciliation.finished_at is not None


def _look_at_people(reconciliation: Reconciliation, connector: Connector, moment: datetime) -> None:
    destination = reconciliation.destination
    ids = next_ids(connector, reconciliation.after, connector.batch_max)
    found = compare(destination, connector, ids, moment)
    if found.is_down:
        words = f"{destination.name} cannot be read now ({found.why}): it goes on from here later"
        raise NotNow(words, by_itself=False)
    if found.wait:
        _charge(destination, found.calls, moment)
        raise NotNow(
            f"{destination.name} is writing its list out: it goes on from here by itself", found.wait
        )
    done = list(takewhile(lambda pk: pk not in found.left, ids))
    ended = moment if len(done) < connector.batch_max and not found.left else None
    with transaction.atomic():
        went_on = Reconciliation.objects.filter(
            pk=reconciliation.pk, after=reconciliation.after, compared_at=None
        ).update(
            after=done[-1] if done else reconciliation.after,
            looked_at=F("looked_at") + len(done) - found.unread,
            unread=F("unread") + found.unread,
            why=found.why or reconciliation.why,
            compared_at=ended,
            finished_at=None if connector.lists_out else ended,
        )
        if went_on:
            _keep(reconciliation, found.differs)
        pacing.charge(destination, found.calls, moment)


def _look_at_lists(reconciliation: Reconciliation, connector: Connector, moment: datetime) -> None:
    """A page is kept part by part: whoever is read twice after a kill is kept once."""
    destination = reconciliation.destination
    try:
        page, calls = listing.page_of(destination, connector, reconciliation.listed_after, moment)
    except NotShown as refused:
        _not_listed(reconciliation, refused.outcome, moment)
        return
    except http.NoAnswer as lost:
        words = f"the lists of {destination.name} cannot be read now ({lost}): it goes on from here later"
        raise NotNow(words, by_itself=False) from lost
    except http.Blocked:
        _not_listed(reconciliation, Stuck(Reason.BLOCKED), moment)
        return
    except (AttributeError, LookupError, TypeError, ValueError) as fault:
        # As in `comparing`: an answer that nobody thought of keeps no other system from being compared.
        told = {"connector": connector.slug, "error": type(fault).__name__}
        log.error("connector failed", extra=told)
        _not_listed(reconciliation, Stuck(Reason.BROKEN), moment)
        return
    for part in listing.parts(page):
        differs, unknown = listing.compared(destination, connector, part, moment)
        _keep(reconciliation, differs)
        _keep_unknown(reconciliation, unknown)
    with transaction.atomic():
        went_on = Reconciliation.objects.filter(
            pk=reconciliation.pk, listed_after=reconciliation.listed_after, finished_at=None
        ).update(
            listed=F("listed") + len(page.out),
            listed_after=page.after,
            finished_at=None if page.after else moment,
        )
        if went_on and not page.after:
            _forget_earlier(reconciliation)
        pacing.charge(destination, calls, moment)


def _not_listed(reconciliation: Reconciliation, outcome: Later | Stuck, moment: datetime) -> None:
    """What was found of people stands all the same. Raises NotNow where it may be tried again."""
    name = reconciliation.destination.name
    if isinstance(outcome, Later):
        words = f"the lists of {name} cannot be read now ({outcome.reason}): it goes on from here later"
        raise NotNow(words, outcome.after or MINUTE, by_itself=outcome.after is not None)
    Reconciliation.objects.filter(pk=reconciliation.pk, finished_at=None).update(
        unlisted=outcome.reason, finished_at=moment
    )


@transaction.atomic
def _charge(destination: Destination, calls: int, now: datetime) -> None:
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


def _keep_unknown(reconciliation: Reconciliation, unknown: Sequence[Unknown]) -> None:
    rows = []
    for each in unknown:
        said = json.dumps([each.who.kind, each.who.value]).encode()
        digest = keys.keyed_digest(USE, said)
        sealed = sealing.seal(said, USE)
        rows.append(
            UnknownAddress(
                reconciliation=reconciliation, target=each.target, fingerprint=digest, sealed=sealed
            )
        )
    UnknownAddress.objects.bulk_create(rows, ignore_conflicts=True)


def _forget_earlier(reconciliation: Reconciliation) -> None:
    """What an earlier comparison had found and nobody mended was found again now, if it is still so."""
    earlier = UnknownAddress.objects.filter(
        reconciliation__destination=reconciliation.destination, reconciliation__holding_by="", mended=""
    )
    earlier.exclude(reconciliation=reconciliation).delete()


def go_on(seconds: float) -> bool:
    """Go on with what is being compared, for so long; True where something is left, and any has moved.

    In no order: a system that is slow or down keeps no other waiting for ever.
    """
    end, moved = time.monotonic() + seconds, False
    waiting = Reconciliation.objects.filter(finished_at=None).select_related("destination").order_by("?")
    for each in waiting:
        moved = _went_on(each, end) or moved
        if time.monotonic() > end:
            return moved
    return False


def _went_on(reconciliation: Reconciliation, end: float) -> bool:
    """Compare one system until it is done, cannot be looked at or time is up; True if anything came of it."""
    moved = False
    try:
        while not look_on(reconciliation=reconciliation):
            moved = True
            if time.monotonic() > end:
                return True
    except (Malformed, credentials.Unreadable) as fault:
        told = {"destination": reconciliation.destination.slug, "why": str(fault)}
        log.warning("reconciliation.waits", extra=told)
        return moved
    return True


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
