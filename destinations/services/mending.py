"""Mending what differs between a system and Heed, in the direction that staff choose.

Taking over is done row by row, each in a transaction of its own: nobody is locked while another waits, two
who press at once take over once, and what was broken off is gone on with.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from destinations import sealing
from destinations.heard import cells_of, restrictions_of
from destinations.models import Discrepancy, Propagation, Reconciliation, UnknownAddress
from destinations.services.noting import note
from destinations.services.reconciling import USE
from destinations.services.telling import send_again
from destinations.terms import Fault, Mended, Side
from preferences import identity, selectors
from preferences.errors import Malformed, Refused
from preferences.identity import Named
from preferences.models import Source
from preferences.services import Call, Choice, Said, choose, identify, restrict
from preferences.terms import Actor, IdentifierKind, RestrictionKind, State

log = logging.getLogger(__name__)
FAULTS = ((Refused, Fault.REFUSED), (sealing.Unreadable, Fault.UNREADABLE))
CHUNK = 1000  # rows that are named one by one in a statement


def open_at(reconciliation: Reconciliation, side: Side) -> QuerySet[Discrepancy]:
    """What was found and nobody has mended."""
    return Discrepancy.objects.filter(reconciliation=reconciliation, side=side, mended="")


@transaction.atomic
def push(*, reconciliation: Reconciliation, by: str) -> int:
    """Tell the system again what it lacks; returns how many rows. Raises Malformed before it has ended."""
    _check_ended(reconciliation)
    found = open_at(reconciliation, Side.MISSING_THERE)
    rows = Propagation.objects.filter(
        destination=reconciliation.destination, identifier__in=found.values("identifier")
    )
    # In key order from chunk to chunk too: nobody waits in a ring (`telling`).
    ids = list(rows.order_by("identifier_id").values_list("pk", flat=True))
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    told = sum(send_again(propagation_ids=chunk, by=by) for chunk in chunks)
    _mend(found, Mended.PUSHED, by)
    return told


def open_unknown(reconciliation: Reconciliation) -> QuerySet[UnknownAddress]:
    """Who is out there, unknown to Heed, and of whom staff have said nothing."""
    return UnknownAddress.objects.filter(reconciliation=reconciliation, mended="")


@transaction.atomic
def adopt(*, reconciliation: Reconciliation, by: str) -> int:
    """Count here what people were opted out of there; returns how many. An opt-in is never taken over.

    It counts from when the comparison ended: it stood by then, and whoever said yes since stays in. It is
    done by `mend_on`. Raises Malformed before it has ended.
    """
    _check_ended(reconciliation)
    return _begin(reconciliation, "adopting_by", open_at(reconciliation, Side.ONLY_THERE).count(), by)


@transaction.atomic
def hold(*, reconciliation: Reconciliation, by: str) -> int:
    """Hold the opt-outs of addresses that Heed does not know on these addresses (R7); returns how many.

    It is done by `mend_on`. Raises Malformed before it has ended.
    """
    _check_ended(reconciliation)
    return _begin(reconciliation, "holding_by", open_unknown(reconciliation).count(), by)


def _begin(reconciliation: Reconciliation, what: str, count: int, by: str) -> int:
    if count:
        Reconciliation.objects.filter(pk=reconciliation.pk, **{what: ""}).update(**{what: by})
        transaction.on_commit(lambda: async_task("destinations.tasks.compare"), robust=True)
    return count


@transaction.atomic
def leave(*, reconciliation: Reconciliation, by: str) -> int:
    """Leave what stands only there as it is, known to Heed or not."""
    left = _mend(open_at(reconciliation, Side.ONLY_THERE), Mended.LEFT, by)
    return left + _close(open_unknown(reconciliation), Mended.LEFT, by)


def being_mended() -> QuerySet[Reconciliation]:
    """What staff have asked for, and is not done."""
    return Reconciliation.objects.exclude(adopting_by="", holding_by="").order_by("id")


def mend_on(seconds: float, reconciliation: Reconciliation | None = None) -> bool:
    """Go on with what staff have asked for, for so long; True where something is left."""
    end = time.monotonic() + seconds
    for each in [reconciliation] if reconciliation else being_mended():
        each.refresh_from_db()
        for _ in _rows_of(each):
            if time.monotonic() > end:
                return True
        done = Reconciliation.objects.filter(
            pk=each.pk, adopting_by=each.adopting_by, holding_by=each.holding_by
        )
        done.update(adopting_by="", holding_by="")  # what was asked for meanwhile is yet to be done
    return False


def _rows_of(reconciliation: Reconciliation) -> Iterator[None]:
    """One step a row. What cannot be taken over stays open, and is not tried again in this run."""
    if by := reconciliation.adopting_by:
        yield from _each(open_at(reconciliation, Side.ONLY_THERE), partial(_adopt, by=by))
    if by := reconciliation.holding_by:
        yield from _each(open_unknown(reconciliation), partial(_hold_one, by=by))


def _each(rows: QuerySet[Any], act: Callable[[int], None]) -> Iterator[None]:
    """A row that cannot be taken over is shown to be; the others' noes count all the same."""
    for pk in list(rows.order_by("id").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                act(pk)
        except Exception as error:
            fault = next((each for kind, each in FAULTS if isinstance(error, kind)), Fault.BROKEN)
            level = logging.ERROR if fault == Fault.BROKEN else logging.WARNING
            # By its type alone: its words may be about somebody.
            told = {"row": pk, "why": fault.value, "error": type(error).__name__}
            log.log(level, "reconciliation.left_open", extra=told)
            rows.filter(pk=pk).update(fault=fault)
        yield


def _adopt(pk: int, *, by: str) -> None:
    """One person's or address's no. Locked first, so that of two who come at once one finds it done."""
    rows = Discrepancy.objects.select_for_update(of=("self",)).select_related(
        "identifier", "reconciliation__destination__source"
    )
    each = rows.filter(pk=pk, mended="").first()
    if each is None:
        return
    found, identifier = each.reconciliation, each.identifier
    choices, kinds, said = _meaning(found, each.target, by)
    if identifier.kind == IdentifierKind.HEED and choices:
        choose(profile_id=identifier.pk, choices=choices, said=said)
    elif identifier.kind != IdentifierKind.HEED and (choices or kinds):
        value = selectors.plaintexts({identifier.pk}).get(identifier.pk)
        if value is None:
            return
        _count(Named(identifier.kind, identifier.namespace, value), choices, kinds, said)
    else:
        return
    note(found.destination, [identifier.pk], each.target, said_at(found), denied=True)
    _mend(Discrepancy.objects.filter(pk=pk), Mended.ADOPTED, by)


def _hold_one(pk: int, *, by: str) -> None:
    rows = UnknownAddress.objects.select_for_update(of=("self",)).select_related(
        "reconciliation__destination__source"
    )
    each = rows.filter(pk=pk, mended="").first()
    if each is None:
        return
    choices, kinds, said = _meaning(each.reconciliation, each.target, by)
    if choices or kinds:
        kind, value = json.loads(sealing.unseal(bytes(each.sealed or b""), USE))
        _count(Named(IdentifierKind(kind), "", value), choices, kinds, said)
        _close(UnknownAddress.objects.filter(pk=pk), Mended.ADOPTED, by)


def _meaning(
    found: Reconciliation, target: str, by: str
) -> tuple[Sequence[Choice], Sequence[RestrictionKind], Said]:
    """What a no at a target is here; nothing where it is none that Heed could hold."""
    destination = found.destination
    source = destination.source or Source.objects.get(slug="staff")
    said = Said(source, Actor.VENDOR, said_at(found), {"reconciliation": found.pk}, who=by)
    choices = [Choice(category, channel, State.OUT) for category, channel in cells_of(destination, target)]
    return choices, list(restrictions_of(destination, target)), said


def said_at(found: Reconciliation) -> datetime:
    """It stood there by then."""
    return found.finished_at or timezone.now()


def _count(who: Named, choices: Sequence[Choice], kinds: Iterable[RestrictionKind], said: Said) -> None:
    """Their no about one address: of whoever holds it, or else of the address itself (R7, R10)."""
    if choices:
        identify(call=Call((who,), tuple(choices)), said=said)
    for kind in kinds:
        [pk] = identity.find_or_make([who]).values()
        restrict(identifier_id=pk, kind=kind, said=said)


def _check_ended(reconciliation: Reconciliation) -> None:
    """What was agreed to must not grow meanwhile."""
    if reconciliation.finished_at is None:
        raise Malformed(
            f"{reconciliation.destination.name} is still being compared: wait until that has ended"
        )


def _mend(found: QuerySet[Discrepancy], how: Mended, by: str) -> int:
    """What another did meanwhile stays so."""
    return found.filter(mended="").update(mended=how, mended_by=by, mended_at=timezone.now(), fault="")


def _close(rows: QuerySet[UnknownAddress], how: Mended, by: str) -> int:
    """Whose address it was is known no more."""
    return rows.update(mended=how, mended_by=by, mended_at=timezone.now(), sealed=None, fault="")
