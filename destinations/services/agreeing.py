"""Acts that reach everyone at a system, or a whole group: done at once, or once a second person agrees."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from destinations import publishing
from destinations.backfill import would_send
from destinations.blast import Difference, difference
from destinations.contract import Reason
from destinations.models import Approval, Destination, Propagation, Reconciliation
from destinations.selectors import in_group
from destinations.services.connections import check_agreement, save_destination, set_state
from destinations.services.mending import adopt, hold, open_at, open_unknown, push
from destinations.services.telling import retry, send_again_to_all
from destinations.terms import Act, DestinationState, Purpose, Side
from preferences.errors import Forbidden, Refused

CHUNK = 500
SIDES = {Act.PUSH: Side.MISSING_THERE, Act.ADOPT: Side.ONLY_THERE}
MENDING = {Act.PUSH: push, Act.ADOPT: adopt, Act.HOLD: hold}
# A list that was cut off turns people on again; and rules that two people alone may turn off keep a privacy
# signal and health information from advertising, so it takes two to put a system out of their reach.
NEVER_ALONE = frozenset({Act.SHRINK, Act.PURPOSE})


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it: done for so many rows, or asked of a second person."""

    count: int = 0
    approval: Approval | None = None


def reach(*, destination: Destination, act: Act, group: str = "") -> Difference:
    """For how many an act would change something at a system. It tells nobody."""
    if act in {Act.GO_LIVE, Act.AGAIN}:
        return would_send(destination=destination, again=act == Act.AGAIN)
    if act == Act.SHRINK:
        return Difference(*publishing.lost(destination))
    if act == Act.PURPOSE:
        return Difference(0, 0)  # nobody is told otherwise: it is events that other rules judge
    if act in SIDES:
        found = _reconciliation(destination, group)
        return difference(found.looked_at, found.looked_at, open_at(found, SIDES[act]).count())
    if act == Act.HOLD:
        found = _reconciliation(destination, group)
        return difference(found.listed, found.listed, open_unknown(found).count())
    people = Propagation.objects.filter(destination=destination).count()
    return difference(people, people, _rows(destination, group).count())


def _reconciliation(destination: Destination, group: str) -> Reconciliation:
    return Reconciliation.objects.select_related("destination__source").get(
        destination=destination, pk=int(group)
    )


def do_or_ask(*, destination: Destination, act: Act, group: str = "", by: str) -> Acted:
    """Do it where it reaches few; where it reaches many, put it before a second person.

    How far it reaches is read before anything is locked: that may take seconds. Raises Malformed where a
    system may not go live, before anybody is asked in vain.
    """
    if act == Act.GO_LIVE:
        check_agreement(destination)
    found = reach(destination=destination, act=act, group=group)
    if not found.needs_second_person and act not in NEVER_ALONE:
        return Acted(_do(destination, act, group, by))
    asked, _ = Approval.objects.get_or_create(
        destination=destination,
        act=act,
        group=group,
        settled_at=None,
        defaults={"people": found.people, "differ": found.differ, "exact": found.exact, "asked_by": by},
    )
    return Acted(approval=asked)


@transaction.atomic
def save_or_ask(*, destination: Destination, author: str, **facts: Any) -> Destination:
    """Save a connection (`save_destination`); a live one that may now tell many otherwise is rehearsed first.

    It goes on by itself where that reaches few, else once a second person agrees. Few thousand people are
    looked at, so that whoever saves waits for seconds at most. What counts as advertising goes on doing so
    until a second person agrees. Raises Malformed.
    """
    before, wanted = copy(destination), facts["purpose"]
    if before.purpose == Purpose.ADVERTISING:
        facts["purpose"] = before.purpose
    saved = save_destination(destination=destination, author=author, **facts)
    if saved.purpose != wanted:
        do_or_ask(destination=saved, act=Act.PURPOSE, group=wanted, by=author)
    if saved.state == DestinationState.LIVE and _may_tell_otherwise(before, saved):
        set_state(destination=saved, state=DestinationState.SHADOW)
        do_or_ask(destination=saved, act=Act.GO_LIVE, by=author)
        saved.refresh_from_db()
    return saved


def _may_tell_otherwise(before: Destination, saved: Destination) -> bool:
    """Everyone, at another place; or of addresses that it was told nothing about."""
    more_addresses = saved.told_confidential and not before.told_confidential
    return before.settings != saved.settings or more_addresses


@transaction.atomic
def agree(*, approval_id: int, by: str) -> Acted:
    """A second person agrees, and it is done. Raises Forbidden, Refused."""
    asked = _open(approval_id)
    if asked.asked_by == by:
        raise Forbidden("you asked for this yourself: somebody else must agree")
    _settle(asked, by, agreed=True)
    return Acted(_do(asked.destination, Act(asked.act), asked.group, by))


@transaction.atomic
def refuse(*, approval_id: int, by: str, note: str = "") -> None:
    """It is not done. Whoever asked may take it back so. Raises Refused."""
    _settle(_open(approval_id), by, agreed=False, note=note)


def _open(approval_id: int) -> Approval:
    asked = Approval.objects.select_for_update(of=("self",)).select_related("destination")
    found = asked.filter(pk=approval_id, settled_at__isnull=True).first()
    if found is None:
        raise Refused("somebody has settled this already")
    return found


def _settle(asked: Approval, by: str, *, agreed: bool, note: str = "") -> None:
    asked.settled_by, asked.settled_at, asked.agreed, asked.note = by, timezone.now(), agreed, note
    asked.save(update_fields=["settled_by", "settled_at", "agreed", "note"])


# --- the acts ---


def _rows(destination: Destination, group: str) -> QuerySet[Propagation]:
    state, _, reason = group.partition(":")
    return in_group(destination.slug, state, reason)


def _do(destination: Destination, act: Act, group: str, by: str) -> int:
    match act:
        case Act.GO_LIVE:
            set_state(destination=destination, state=DestinationState.LIVE)
        case Act.AGAIN:
            send_again_to_all(destination=destination, by=by)
        case Act.SHRINK:
            publishing.let_shrink(destination)
            return _retry(destination, f"stuck:{Reason.SHRANK}", by)
        case Act.PURPOSE:
            Destination.objects.filter(pk=destination.pk).update(purpose=group)
        case Act.RETRY:
            return _retry(destination, group, by)
        case Act.PUSH | Act.ADOPT | Act.HOLD:
            return MENDING[act](reconciliation=_reconciliation(destination, group), by=by)
    return 0


def _retry(destination: Destination, group: str, by: str) -> int:
    rows = _rows(destination, group).order_by("identifier_id")  # locks are taken in this order
    ids = list(rows.values_list("pk", flat=True))
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return sum(retry(propagation_ids=chunk, by=by) for chunk in chunks)
