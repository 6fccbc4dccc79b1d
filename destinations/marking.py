"""From the outbox to propagations: expand what changed, raise `wanted`, delete, all in one transaction."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from destinations.connectors import CONNECTORS
from destinations.contract import By, Connector
from destinations.models import Destination
from destinations.terms import PropagationState
from preferences.models import Holding, Identifier, Outbox, Profile
from preferences.services import refresh_standing
from preferences.sql import for_update, time_in, uuid_in
from preferences.terms import ADDRESS_KINDS, CHANNELS_OF, IdentifierKind, SubjectKind

CHUNK = 200  # outbox rows
BULK_CHUNK = 500  # identifiers of a bulk subject
ONE_BY_ONE = (SubjectKind.PROFILE, SubjectKind.IDENTIFIER)
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
            "SELECT id, subject_kind, subject, denies, cursor FROM preferences_outbox"  # noqa: S608
            f" WHERE subject_kind IN ({', '.join(['%s'] * len(kinds))}) ORDER BY id LIMIT {limit}"
            f"{for_update(skip_locked=True)}",
            [kind.value for kind in kinds],
        )
        return [
            Handed(pk, kind, subject, denies, UUID(str(at)) if at else None)
            for pk, kind, subject, denies, at in cursor.fetchall()
        ]


def _expand(rows: Sequence[Handed], now: datetime) -> None:
    denies: dict[UUID, bool] = {}
    people = {UUID(row.subject): row.denies for row in rows if row.kind == SubjectKind.PROFILE}
    addresses = {UUID(row.subject): row.denies for row in rows if row.kind == SubjectKind.IDENTIFIER}
    holdings = Holding.objects.filter(identifier__in=addresses).values_list("identifier_id", "profile_id")
    for identifier, profile in holdings:
        people[profile] = people.get(profile, False) or addresses[identifier]
    merged = Profile.objects.filter(merged_into__in=people).values_list("id", "merged_into_id")
    for pk, one in [*people.items(), *addresses.items()]:
        denies[pk] = denies.get(pk, False) or one
    for pk, survivor in merged:  # theirs says what holds for the survivor
        denies[pk] = denies.get(pk, False) or people[survivor]
    held = Holding.objects.filter(profile__in=people, identifier__kind__in=ADDRESS_KINDS)
    for profile, identifier in held.values_list("profile_id", "identifier_id"):
        denies[identifier] = denies.get(identifier, False) or people[profile]
    refresh_standing(identifiers=raise_wanted(denies, _destinations(), now), now=now)
    _delete([row.id for row in rows])


def _expand_bulk(row: Handed, now: datetime) -> None:
    """One chunk of everybody; the outbox row goes with the last one."""
    only = None if row.kind == SubjectKind.CATEGORY else row.subject
    if row.cursor is None:
        _fold_into(row)
    after = {"id__gt": row.cursor} if row.cursor else {}
    told = Identifier.objects.filter(kind__in=[IdentifierKind.HEED, *ADDRESS_KINDS], **after)
    ids = list(told.order_by("id").values_list("id", flat=True)[:BULK_CHUNK])
    kinds = raise_wanted(dict.fromkeys(ids, row.denies), _destinations(only), now)
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
        if connector in CONNECTORS and slug in (None, own_slug)
    ]


def _delete(ids: Collection[int]) -> None:
    Outbox.objects.filter(pk__in=ids).delete()


def concerns(connector: Connector, kind: str, *, is_held: bool) -> bool:
    """Does this system have a row about an identifier of this kind?"""
    if connector.addresses == By.PERSON:
        unheld_address = kind in ADDRESS_KINDS and not is_held and connector.wants_unheld
        return kind == IdentifierKind.HEED or unheld_address
    return bool(CHANNELS_OF.get(kind, frozenset()) & connector.channels)


def raise_wanted(denies: dict[UUID, bool], systems: Sequence[System], now: datetime) -> dict[UUID, str]:
    """Raise `wanted` of every row about these identifiers, in key order, making those that are new.

    Returns each identifier's kind.
    """
    kinds = dict(Identifier.objects.filter(id__in=denies).values_list("id", "kind"))
    holdings = Holding.objects.filter(identifier__in=kinds).values_list("identifier_id", "confidential")
    # False once any source names it openly; missing where nobody ever held it.
    confidential: dict[UUID, bool] = {}
    for identifier, named_by_order in holdings:
        confidential[identifier] = confidential.get(identifier, True) and named_by_order
    rows = [
        (uuid.uuid4(), system.id, identifier, denies[identifier])
        for identifier in sorted(kinds)
        for system in systems
        if concerns(system.connector, kinds[identifier], is_held=identifier in confidential)
        and (system.told_confidential or not confidential.get(identifier, False))
    ]
    if rows:
        _upsert(rows, now)
    return kinds


UPSERT = (
    "INSERT INTO destinations_propagation AS p"
    " (id, destination_id, identifier_id, wanted, acknowledged, leased, due_at,"
    " denied_at, wanted_at, state, reason, detail, failures, job, targets) VALUES {values}"
    " ON CONFLICT (identifier_id, destination_id) DO UPDATE SET wanted = p.wanted + 1,"
    " wanted_at = excluded.wanted_at, denied_at = COALESCE(p.denied_at, excluded.denied_at),"
    # While a lease runs, its settle sees that `wanted` has moved on, and its end falls due by itself.
    " due_at = CASE WHEN p.lease_token IS NULL THEN excluded.due_at ELSE p.due_at END,"
    " state = CASE WHEN p.lease_token IS NULL THEN excluded.state ELSE p.state END"
)


def _upsert(rows: Sequence[tuple[UUID, int, UUID, bool]], now: datetime) -> None:
    at = time_in(now)
    one = "(%s, %s, %s, 1, 0, 0, %s, %s, %s, %s, '', '', 0, '', '{}')"
    for start in range(0, len(rows), 1000):
        chunk = rows[start : start + 1000]
        parameters: list[Any] = []
        for pk, destination, identifier, denied in chunk:
            parameters += [uuid_in(pk), destination, uuid_in(identifier), at, at if denied else None, at]
            parameters.append(PropagationState.PENDING.value)
        with connection.cursor() as cursor:
            cursor.execute(UPSERT.replace("{values}", ", ".join([one] * len(chunk))), parameters)
