"""What a vendor now holds by its own account, so that nothing is written over it unread (no echo)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from destinations.contract import Held
from destinations.models import Destination, Propagation
from destinations.payloads import held_to
from destinations.reading import held_from

ECHO = timedelta(minutes=10)  # after a write of ours; a vendor's report may wait in a queue


def is_our_own(
    destination: Destination,
    identifiers: Iterable[UUID],
    target: str,
    at: datetime,
    *,
    denied: bool,
    program: bool = False,
) -> bool:
    """Is this report only our own denial, coming back? One that somebody else made bears another moment.

    Of what a program did the moment does not matter: where our own denial stands there is nothing
    left to be changed, so nobody reports it a second time.
    """
    if not denied:
        return False
    ours = [each for each in _held(destination, identifiers, target) if each.wrote and each.at]
    return bool(ours) and all((program or _is_near(at, each)) and not each.reported for each in ours)


def is_news(
    destination: Destination, identifiers: Iterable[UUID], target: str, at: datetime, *, denied: bool
) -> bool:
    """Does a record stand otherwise than Heed knew? A yes seen when Heed wrote its no is the older one."""
    held = _held(destination, identifiers, target)
    known = any(each.wrote or each.reported or each.seen or each.before for each in held)
    if denied or not known:
        return denied is not known
    return not any(each.wrote and each.at and _is_near(at, each) for each in held)


def _held(destination: Destination, identifiers: Iterable[UUID], target: str) -> list[Held]:
    rows = Propagation.objects.filter(destination=destination, identifier__in=list(identifiers))
    found = (
        held_from(targets, destination.moved_at).get(target)
        for targets in rows.values_list("targets", flat=True)
    )
    return [each for each in found if each]


def _is_near(at: datetime, held: Held) -> bool:
    return abs(at - datetime.fromisoformat(held.at)) <= ECHO


def note(
    destination: Destination, identifiers: Iterable[UUID], target: str, at: datetime, *, denied: bool
) -> None:
    """Keep what the vendor reported of one target, and look at it again there, whatever was confirmed."""
    rows = Propagation.objects.select_for_update().filter(
        destination=destination, identifier__in=list(identifiers)
    )
    for row in rows.order_by("identifier_id"):
        known = held_from(row.targets, destination.moved_at)
        if denied:
            known[target] = replace(known.get(target, Held(before=True)), reported=at.isoformat())
        else:
            known.pop(target, None)
        row.targets = held_to(known, {})
        row.digest, row.due_at = None, row.due_at or timezone.now()
        if row.lease_token:  # whoever calls now read what was so before: it is sent again once they are over
            row.lease_token, row.lease_until, row.unknown_at = None, None, timezone.now()
        row.save(update_fields=["targets", "digest", "due_at", "lease_token", "lease_until", "unknown_at"])
