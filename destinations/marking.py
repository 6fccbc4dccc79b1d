"""From the outbox to propagations: expand what changed, raise `wanted`, delete, all in one transaction."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from destinations.clocks import Clocks
from destinations.connectors import CONNECTORS
from destinations.contract import By, Connector
from destinations.models import Destination, Disclosure
from destinations.terms import PropagationState
from preferences.models import Holding, Identifier, Outbox, Profile
from preferences.services import refresh_standing
from preferences.sql import for_update, time_in, uuid_in
from preferences.terms import ADDRESS_KINDS, CHANNELS_OF, IdentifierKind, SubjectKind

Changes = frozenset[int]  # those in the ledger that deny something
CHUNK = 200  # outbox rows
BULK_CHUNK = 500  # identifiers of a bulk subject
ONE_BY_ONE = (SubjectKind.PROFILE, SubjectKind.IDENTIFIER)
NO_DENIAL: Changes = frozenset()
BULK = (SubjectKind.CATEGORY, SubjectKind.MAPPER, SubjectKind.DESTINATION)


class System(NamedTuple):
    """Whom a change is handed to."""

    id: int
    connector: Connector
    told_confidential: bool


class Handed(NamedTuple):
    """An outbox row as it is read."""

    id: int
    kind: str
    subject: str
    denies: bool
    cursor: UUID | None
    change: int | None

    @property
    def denials(self) -> Changes:
        """The change behind a denial; 0 where none is."""
        return frozenset({self.change or 0}) if self.denies else NO_DENIAL


def mark(now: datetime) -> int:
    """Hand over a chunk of the outbox; returns how many rows were worked on, 0 when it is empty.

    Two transactions: each goes through the propagations once, in key order, so that no two workers wait
    for each other.
    """
    told = _mark_one_by_one(now)
    return told + (_mark_bulk(now) if Outbox.objects.filter(subject_kind__in=BULK).exists() else 0)


@transaction.atomic
def _mark_one_by_one(now: datetime) -> int:
    rows = _take(ONE_BY_ONE, CHUNK)
    if rows:
        _expand(rows, now)
    return len(rows)


@transaction.atomic
def _mark_bulk(now: datetime) -> int:
    bulk = _take(BULK, 1)
    for row in bulk:
        _expand_bulk(row, now)
    return len(bulk)


def _take(kinds: Sequence[SubjectKind], limit: int) -> list[Handed]:
    # SKIP LOCKED: two workers take different rows. Whoever takes a row deletes it in this transaction.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, subject_kind, subject, denies, cursor, change FROM preferences_outbox"  # noqa: S608
            f" WHERE subject_kind IN ({', '.join(['%s'] * len(kinds))}) ORDER BY id LIMIT {limit}"
            f"{for_update(skip_locked=True)}",
            [kind.value for kind in kinds],
        )
        return [
            Handed(pk, kind, subject, denies, UUID(str(at)) if at else None, change)
            for pk, kind, subject, denies, at, change in cursor.fetchall()
        ]


def _expand(rows: Sequence[Handed], now: datetime) -> None:
    people, addresses, denials = _denials(), _denials(), _denials()
    for row in rows:
        own = people if row.kind == SubjectKind.PROFILE else addresses
        own[UUID(row.subject)] |= row.denials
    holdings = Holding.objects.filter(identifier__in=addresses).values_list("identifier_id", "profile_id")
    for identifier, profile in holdings:
        people[profile] |= addresses[identifier]
    merged = Profile.objects.filter(merged_into__in=people).values_list("id", "merged_into_id")
    for pk, one in [*people.items(), *addresses.items()]:
        denials[pk] |= one
    for pk, survivor in merged:  # theirs says what holds for the survivor
        denials[pk] |= people[survivor]
    held = Holding.objects.filter(profile__in=people, identifier__kind__in=ADDRESS_KINDS)
    for profile, identifier in held.values_list("profile_id", "identifier_id"):
        denials[identifier] |= people[profile]
    refresh_standing(identifiers=raise_wanted(denials, _destinations(), now), now=now)
    _delete([row.id for row in rows])


def _denials() -> defaultdict[UUID, Changes]:
    return defaultdict(lambda: NO_DENIAL)


def _expand_bulk(row: Handed, now: datetime) -> None:
    """One chunk of everybody; the outbox row goes with the last one."""
    only = None if row.kind == SubjectKind.CATEGORY else row.subject
    if row.cursor is None:
        _fold_into(row)
    after = {"id__gt": row.cursor} if row.cursor else {}
    told = Identifier.objects.filter(kind__in=[IdentifierKind.HEED, *ADDRESS_KINDS], **after)
    ids = list(told.order_by("id").values_list("id", flat=True)[:BULK_CHUNK])
    kinds = raise_wanted(dict.fromkeys(ids, row.denials), _destinations(only), now)
    if row.kind == SubjectKind.CATEGORY:  # no mapper and no system changes what anybody decided
        refresh_standing(identifiers=kinds, now=now)
    if len(ids) < BULK_CHUNK:
        _delete([row.id])
    else:
        Outbox.objects.filter(pk=row.id).update(cursor=ids[-1])


def _fold_into(row: Handed) -> None:
    """What is only beginning covers every later row about the same systems that has not begun either."""
    waiting = Outbox.objects.filter(cursor__isnull=True, pk__gt=row.id)
    if row.kind == SubjectKind.CATEGORY:
        waiting.filter(subject_kind=SubjectKind.CATEGORY).delete()
    else:
        both = [SubjectKind.MAPPER, SubjectKind.DESTINATION]
        waiting.filter(subject_kind__in=both, subject=row.subject).delete()


def _destinations(slug: str | None = None) -> list[System]:
    rows = Destination.objects.order_by("id").values_list("id", "slug", "connector", "told_confidential")
    return [
        System(pk, CONNECTORS[connector], told_confidential)
        for pk, own_slug, connector, told_confidential in rows
        if connector in CONNECTORS and CONNECTORS[connector].takes_preferences and slug in (None, own_slug)
    ]


def _delete(ids: Collection[int]) -> None:
    Outbox.objects.filter(pk__in=ids).delete()


def concerns(connector: Connector, kind: str, *, is_held: bool) -> bool:
    """Does this system have a row about an identifier of this kind?"""
    if connector.addresses == By.PERSON:
        unheld_address = kind in ADDRESS_KINDS and not is_held and connector.wants_unheld
        return kind == IdentifierKind.HEED or unheld_address
    return bool(CHANNELS_OF.get(kind, frozenset()) & connector.channels)


def channels_at(connector: Connector, kind: str) -> frozenset[str]:
    """What a system may do with an identifier of this kind: of an address, its own channels only."""
    return connector.channels & CHANNELS_OF.get(kind, connector.channels)


def raise_wanted(
    denials: Mapping[UUID, Changes], systems: Sequence[System], now: datetime
) -> dict[UUID, str]:
    """Raise `wanted` of every row about these identifiers, in key order, making those that are new.

    What denies starts a clock in each (R18). Returns each identifier's kind.
    """
    kinds = dict(Identifier.objects.filter(id__in=denials).values_list("id", "kind"))
    holdings = Holding.objects.filter(identifier__in=kinds).values_list("identifier_id", "confidential")
    # False once any source names it openly; missing where nobody ever held it.
    confidential: dict[UUID, bool] = {}
    for identifier, named_by_order in holdings:
        confidential[identifier] = confidential.get(identifier, True) and named_by_order
    known = Disclosure.objects.filter(identifier__in=[pk for pk, hidden in confidential.items() if hidden])
    disclosed = set(known.values_list("identifier_id", "destination_id"))
    told = [
        (identifier, system)
        for identifier in sorted(kinds)
        for system in systems
        if concerns(system.connector, kinds[identifier], is_held=identifier in confidential)
        and (
            system.told_confidential
            or not confidential.get(identifier, False)
            or (identifier, system.id) in disclosed
        )
    ]
    if told:
        clocks = Clocks(NO_DENIAL.union(*denials.values()), now)
        _upsert([_row(*each, kinds, denials, clocks) for each in told], now)
        clocks.start()
    return kinds


def _row(
    identifier: UUID,
    system: System,
    kinds: Mapping[UUID, str],
    denials: Mapping[UUID, Changes],
    clocks: Clocks,
) -> tuple[UUID, int, UUID, datetime | None]:
    served = channels_at(system.connector, kinds[identifier])
    deadline = clocks.deadline((identifier, system.id), denials[identifier], served)
    return uuid.uuid4(), system.id, identifier, deadline


UPSERT = (
    "INSERT INTO destinations_propagation AS p"
    " (id, destination_id, identifier_id, wanted, acknowledged, leased, due_at,"
    " denied_at, deadline_at, wanted_at, state, reason, detail, failures, job, targets) VALUES {values}"
    " ON CONFLICT (identifier_id, destination_id) DO UPDATE SET wanted = p.wanted + 1,"
    " wanted_at = excluded.wanted_at, denied_at = COALESCE(p.denied_at, excluded.denied_at),"
    " deadline_at = CASE WHEN p.deadline_at < excluded.deadline_at THEN p.deadline_at"
    " ELSE COALESCE(excluded.deadline_at, p.deadline_at) END,"
    # While a lease runs, its settle sees that `wanted` has moved on, and its end falls due by itself.
    " due_at = CASE WHEN p.lease_token IS NULL THEN excluded.due_at ELSE p.due_at END,"
    " state = CASE WHEN p.lease_token IS NULL THEN excluded.state ELSE p.state END"
)


def _upsert(rows: Sequence[tuple[UUID, int, UUID, datetime | None]], now: datetime) -> None:
    at = time_in(now)
    one = "(%s, %s, %s, 1, 0, 0, %s, %s, %s, %s, %s, '', '', 0, '', '{}')"
    for start in range(0, len(rows), 1000):
        chunk = rows[start : start + 1000]
        parameters: list[Any] = []
        for pk, destination, identifier, deadline in chunk:
            parameters += [uuid_in(pk), destination, uuid_in(identifier), at]
            parameters += [at, time_in(deadline)] if deadline else [None, None]
            parameters += [at, PropagationState.PENDING.value]
        with connection.cursor() as cursor:
            cursor.execute(UPSERT.replace("{values}", ", ".join([one] * len(chunk))), parameters)
