"""Lists that leave as a whole: what stands on them now, how long they were, and that they leave daily."""

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Coalesce

from destinations import backoff, credentials, http, ways
from destinations.circuit import ANSWERS
from destinations.connectors import CONNECTORS
from destinations.contract import Answer, Call, Connector, Done, Listed, Reason, Refused
from destinations.mapping.published import mapper_of
from destinations.models import Destination, Propagation, Publication
from destinations.payloads import Prepared, held_to
from destinations.reading import held_from
from destinations.sending import DELIVERY_SECONDS, Report, Turn, settings_for, way_to
from destinations.terms import DestinationState
from preferences import lists, selectors
from preferences.errors import Refused as Unknown
from preferences.terms import ADDRESS_OF, IdentifierKind

DAY = timedelta(days=1)
DELTA, EMAIL, CHUNK = "delta", IdentifierKind.EMAIL, 500

log = logging.getLogger(__name__)


def lists_of(destination: Destination) -> dict[str, Listed]:
    """Target by target who is out now. Not inside a transaction: it takes as long as the lists are.

    Where a file says only what is new, its list is empty.
    """
    if destination.settings.get("mode") == DELTA:
        return {
            row.target: Listed((), email=_kind(row.source) == EMAIL) for row in mapper_of(destination).rows
        }
    before = {each.name: each for each in Publication.objects.filter(destination=destination)}
    standing = _standing(destination)
    limit = int(destination.settings.get("shrinks_by") or 10)
    return {
        row.target: _listed(row.source, standing[row.target], before.get(row.target), limit)
        for row in mapper_of(destination).rows
    }


def _listed(source: str, standing: set[UUID], before: Publication | None, limit: int) -> Listed:
    out = _out(source)
    gone, rows = standing - out.keys(), before.rows if before else None
    listed = Listed(tuple(sorted(out.values())), rows, limit, _kind(source) == EMAIL, len(gone))
    return replace(listed, kept=tuple(_written(gone))) if listed.lost_too_many else listed


def _written(gone: Collection[UUID]) -> Iterator[str]:
    """Their addresses; of who was forgotten there is none."""
    for part in _parts(gone):
        yield from selectors.plaintexts(part).values()


def _parts(gone: Collection[UUID]) -> Iterator[list[UUID]]:
    left = iter(sorted(gone))
    while part := list(islice(left, CHUNK)):
        yield part


def _standing(destination: Destination) -> dict[str, set[UUID]]:
    """Who stands on each list as it last left: Heed wrote them there, and has not taken them off since."""
    found: dict[str, set[UUID]] = defaultdict(set)
    told = Propagation.objects.filter(destination=destination).exclude(targets="{}")
    for pk, targets in told.values_list("identifier_id", "targets").iterator():
        for name, held in held_from(targets, destination.moved_at).items():
            if held.wrote:
                found[name].add(pk)
    return found


def _out(source: str) -> dict[UUID, str]:
    """The addresses on the list behind `answer:category:channel`, those known by an order alone left out."""
    _, category, channel = source.split(":")
    kind = _kind(source)
    out: dict[UUID, str] = {}
    try:
        entries = lists.read(lists.wanted(category, channel))
    except Unknown:  # the category was retired meanwhile
        return {}
    for entry in entries:
        if isinstance(entry, lists.Line) and entry.value and entry.kind == kind:
            if entry.denied:
                out[entry.id] = entry.value
            else:
                out.pop(entry.id, None)
    return out


def _kind(source: str) -> str | None:
    """Which addresses the channel of a source reaches."""
    return ADDRESS_OF.get(source.rpartition(":")[2])


def with_lists(turn: Turn[Prepared]) -> Turn[Prepared]:
    """The turn's rows, each with the lists as they stand once the rows are leased."""
    found = lists_of(turn.destination)
    batch = [replace(each, wanted=replace(each.wanted, lists=found)) for each in turn.batch]
    return replace(turn, batch=batch)


def note(report: Report[Prepared], now: datetime) -> None:
    """Of a turn that a system took, how long the lists were."""
    done = [each for each, _ in report.outcomes.values() if isinstance(each, Done)]
    if done and report.calls:
        _note(report.turn.destination, report.turn.batch[0].wanted.lists, now)


def _note(destination: Destination, told: Mapping[str, Listed], now: datetime) -> None:
    for name, listed in told.items():
        if listed.leaves:
            held = {"rows": len(listed.leaving), "at": now}
            Publication.objects.update_or_create(destination=destination, name=name, defaults=held)


def lost(destination: Destination) -> tuple[int, int]:
    """How many stood there, and how many of them are missing now, on lists that lost too many."""
    short = [each for each in lists_of(destination).values() if each.lost_too_many]
    return sum(each.published or 0 for each in short), sum(each.gone for each in short)


@transaction.atomic
def let_shrink(destination: Destination) -> None:
    """Who is missing now may be: they count as taken off. Who else goes missing is looked at anew."""
    standing = _standing(destination)
    for row in mapper_of(destination).rows:
        out = _out(row.source)
        for part in _parts(standing[row.target] - out.keys()):
            _take_off(destination, row.target, part)
        named = Publication.objects.filter(destination=destination, name=row.target)
        named.update(rows=len(out))


def _take_off(destination: Destination, name: str, gone: Collection[UUID]) -> None:
    rows = Propagation.objects.filter(destination=destination, identifier__in=gone).order_by("identifier_id")
    for each in rows.select_for_update():
        stands = {key: held for key, held in held_from(each.targets).items() if key != name}
        Propagation.objects.filter(pk=each.pk).update(targets=held_to(stands, {}))


def due(now: datetime) -> list[int]:
    """Whoever waits for a file gets one daily, though nothing has changed: the systems whose day is over."""
    kinds = [slug for slug, each in CONNECTORS.items() if each.publishes_list]
    live = Destination.objects.filter(connector__in=kinds, state=DestinationState.LIVE)
    found = live.annotate(last=Max("publication__at")).exclude(not_before__gt=now)
    return [each.pk for each in found.order_by("pk") if each.last is None or each.last <= now - DAY]


def publish(destination_id: int, now: datetime) -> bool:
    """Write the daily file of one system, if it is due still. One that does not answer is left alone."""
    if destination_id not in due(now):
        return False
    destination = Destination.objects.get(pk=destination_id)
    told = lists_of(destination)
    try:
        _run(destination, CONNECTORS[destination.connector], told, now)
    except http.NoAnswer:
        _leave_alone(destination, now)
        return False
    except (http.Blocked, credentials.Unreadable, Refused) as problem:
        log.error("the daily file for %s was not written (%s)", destination.slug, type(problem).__name__)
        return False
    _note(destination, told, now)
    Destination.objects.filter(pk=destination_id, failures__gt=0).update(**ANSWERS)
    return True


def _leave_alone(destination: Destination, now: datetime) -> None:
    """As a delivery without an answer would: both go the same way."""
    log.error("the daily file for %s was not written (no answer)", destination.slug)
    Destination.objects.filter(pk=destination.pk).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", Value(now)),
        failing_reason=Reason.NO_ANSWER,
        not_before=now + timedelta(seconds=backoff.lane_delay(destination.failures + 1)),
    )


def _run(destination: Destination, connector: Connector, told: Mapping[str, Listed], now: datetime) -> None:
    settings, way = settings_for(destination, connector), way_to(destination, connector)
    steps = connector.publish(told, settings, now)
    deadline = time.monotonic() + DELIVERY_SECONDS
    answer: Answer | None = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration:
            return
        if isinstance(step, Call):
            answer = ways.send(step, way, deadline)
