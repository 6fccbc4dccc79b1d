"""What a system would be told if it went live now: how many people, what, how long it takes. Only read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from destinations import rates
from destinations.blast import CHUNK, LOOKED_AT, Difference, difference
from destinations.connectors import CONNECTORS
from destinations.contract import By, Connector, Rate
from destinations.models import Destination, Propagation
from destinations.payloads import Told, would_tell
from preferences.models import Holding, Identifier
from preferences.terms import ADDRESS_KINDS, CHANNELS_OF, IdentifierKind

CALLS_A_BATCH = 8  # find, read, write, a few lists
CALL_SECONDS = 0.2
DENIED_BY_SOMEONE = {"restriction", "order", "pause", "deceased"}


@dataclass(frozen=True, slots=True)
class Size:
    """How far one has looked, and what was found so far."""

    people: int = 0  # whom the system is about; addresses, where it goes by address
    told: int = 0  # of whom it would be told something
    denied: int = 0  # a no, or the address may not be used
    opted_in: int = 0  # only yes: never a re-subscription, an opt-out of the system's own stays
    unsent: int = 0  # of those told, whom it has not confirmed already
    after: UUID | None = None
    done: bool = False

    @property
    def never_asked(self) -> int:
        """Of whom a system that is told everything hears only that nobody was asked."""
        return self.told - self.denied - self.opted_in


def measure(destination: Destination, size: Size, *, again: bool = False) -> Size:
    """Look at the next chunk. `again`: what was confirmed would be sent once more."""
    connector = CONNECTORS.get(destination.connector)
    if connector is None:
        return Size(done=True)
    ids = next_ids(connector, size.after, CHUNK)
    told = would_tell(destination, connector, ids, timezone.now())
    confirmed = _confirmed(destination, ids)
    saying = {pk: each for pk, each in told.items() if not each.nothing}
    denied = {pk for pk, each in saying.items() if _denies(each)}
    return Size(
        size.people + len(ids),
        size.told + len(saying),
        size.denied + len(denied),
        size.opted_in + sum(_opts_in(each) for pk, each in saying.items() if pk not in denied),
        size.unsent + sum(again or confirmed.get(pk) != each.digest for pk, each in saying.items()),
        ids[-1] if ids else size.after,
        done=len(ids) < CHUNK,
    )


def would_send(*, destination: Destination, again: bool = False) -> Difference:
    """For how many something would be sent if it went live now; reckoned, where they are very many."""
    connector, size = CONNECTORS.get(destination.connector), Size()
    while not size.done and size.people < LOOKED_AT:
        size = measure(destination, size, again=again)
    people = size.people if size.done or connector is None else about(connector).count()
    return difference(people, size.people, size.unsent)


def about(connector: Connector) -> QuerySet[Identifier]:
    """Whom a kind of system has rows about (`destinations.marking.concerns`)."""
    if connector.addresses == By.ADDRESS:
        kinds = [kind for kind, channels in CHANNELS_OF.items() if channels & connector.channels]
        return Identifier.objects.filter(kind__in=kinds)
    told = Identifier.objects.filter(kind=IdentifierKind.HEED)
    if connector.wants_unheld:
        held = Exists(Holding.objects.filter(identifier=OuterRef("pk")))
        told |= Identifier.objects.filter(~held, kind__in=ADDRESS_KINDS)
    return told


def takes(rows: int, connector: Connector, rate: Rate | None) -> timedelta:
    """About how long it takes to tell so many."""
    calls = rows * connector.calls_a_row or ceil(rows / connector.batch_max) * CALLS_A_BATCH
    at_best = calls * CALL_SECONDS / connector.in_flight_max
    return timedelta(seconds=max(at_best, calls / rates.per_second(rate) if rate else 0.0))


def next_ids(connector: Connector, after: UUID | None, size: int) -> list[UUID]:
    """Whom a kind of system has rows about, in key order from there on."""
    rows = about(connector).filter(**({"id__gt": after} if after else {}))
    return list(rows.order_by("id").values_list("id", flat=True)[:size])


def _confirmed(destination: Destination, ids: list[UUID]) -> dict[UUID, bytes | None]:
    rows = Propagation.objects.filter(destination=destination, identifier__in=ids)
    return {pk: bytes(digest) for pk, digest in rows.values_list("identifier_id", "digest") if digest}


def _denies(told: Told) -> bool:
    return any(denies for _, denies in told.values.values()) or any(
        each["state"] == "opted_out" or each["because"] in DENIED_BY_SOMEONE
        for each in _answers(told.content)
    )


def _opts_in(told: Told) -> bool:
    return any(denies is False for _, denies in told.values.values()) or any(
        each["state"] == "opted_in" for each in _answers(told.content)
    )


def _answers(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a snapshot says, category by category and channel by channel."""
    for channels in content["snapshot"].get("preferences", {}).values():
        yield from channels.values()
