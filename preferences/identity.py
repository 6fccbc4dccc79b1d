"""Who is meant: identifiers found or made, and the match order of R10."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from preferences import keys
from preferences.addresses import check_namespace, normalise
from preferences.models import DataKey, Holding, Identifier, Profile
from preferences.sql import any_of, uuid_in, uuid_out
from preferences.terms import ADDRESS_KINDS, IdentifierKind

MOST_FOUND = 1_000
NUMBERS = frozenset({IdentifierKind.EXTERNAL_ID, IdentifierKind.MRN})


class Named(NamedTuple):
    """An identifier as somebody named it, normalised."""

    kind: str
    namespace: str
    value: str

    def __repr__(self) -> str:
        """Without the value: it must not get into logs and error reports (R20)."""
        return f"Named({self.kind})"


def named(kind: str, value: str, namespace: str = "") -> Named:
    """Raises Malformed."""
    return Named(kind, check_namespace(namespace), normalise(kind, value))


def find(wanted: Iterable[Named]) -> dict[Named, UUID]:
    """The identifiers that exist, at whichever generation of keys they were written: one query."""
    prints = {
        digest: each for each in wanted for digest in keys.fingerprints(each.kind, each.namespace, each.value)
    }
    if not prints:
        return {}
    one_of, values = any_of(list(prints))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, fingerprint FROM preferences_identifier WHERE fingerprint {one_of}",  # noqa: S608
            values,
        )
        return {prints[bytes(fingerprint)]: uuid_out(pk) for pk, fingerprint in cursor.fetchall()}


def find_people(named: Named, *, after: UUID | None = None, limit: int = MOST_FOUND) -> list[UUID]:
    """Who holds this now, in key order from `after` on, so many at most: two queries."""
    ids = find([named])
    rows = Holding.objects.filter(identifier__in=ids.values(), until__isnull=True)
    if after is not None:
        rows = rows.filter(profile__gt=after)
    return list(rows.order_by("profile_id").values_list("profile_id", flat=True).distinct()[:limit])


def find_or_make(wanted: Iterable[Named]) -> dict[Named, UUID]:
    """Those identifiers, made where they are new. Two callers at once get the same ones."""
    wanted = set(wanted)
    found = find(wanted)
    missing = [each for each in wanted if each not in found]
    if not missing:
        return found
    make([(uuid.uuid4(), each) for each in missing])
    return find(wanted)


def make(new: Sequence[tuple[UUID, Named]]) -> None:
    """Write identifiers with their data keys; one that somebody else wrote first is left as it is."""
    rows, data_keys = [], []
    for pk, each in new:
        data_key = keys.new_data_key()
        wrapped = keys.wrap(data_key, pk.bytes)
        data_keys.append(
            DataKey(
                owner=pk,
                use=DataKey.VALUE,
                key_id=wrapped.key_id,
                nonce=wrapped.nonce,
                wrapped=wrapped.ciphertext,
            )
        )
        rows.append(
            Identifier(
                id=pk,
                kind=each.kind,
                namespace=each.namespace,
                fingerprint=keys.fingerprint(each.kind, each.namespace, each.value),
                generation=keys.generation(),
                ciphertext=keys.encrypt(data_key, each.value.encode(), pk.bytes),
            )
        )
    # In one order everywhere, else two callers with the same new identifiers could wait for each other.
    rows.sort(key=lambda row: bytes(row.fingerprint))
    Identifier.objects.bulk_create(rows, ignore_conflicts=True)
    written = set(Identifier.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    DataKey.objects.bulk_create([each for each in data_keys if each.owner in written])


def make_profile(now: datetime, *, anonymous: bool = False) -> UUID:
    """A new person, with the identifier of kind `heed` that has the same key."""
    profile = Profile.objects.create(created_at=now, is_anonymous=anonymous)
    make([(profile.id, Named(IdentifierKind.HEED, "", str(profile.id)))])
    return profile.id


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds the named identifiers now, and in which namespaces each of these people has a number."""

    holders: Mapping[UUID, frozenset[UUID]]
    numbered: Mapping[UUID, frozenset[tuple[str, str]]]
    anonymous: frozenset[UUID]


def read_holders(identifiers: Iterable[UUID]) -> Held:
    """One query, however many identifiers are named: all that is held by whoever holds one of them.

    Whoever was forgotten holds nothing any more (R19): the next to be named so is somebody new.
    """
    named = {uuid_in(each): each for each in identifiers}
    one_of, values = any_of(list(named))
    query = (
        "SELECT h.identifier_id, h.profile_id, p.is_anonymous, i.kind, i.namespace"  # noqa: S608
        " FROM preferences_holding h JOIN preferences_profile p ON p.id = h.profile_id"
        " JOIN preferences_identifier i ON i.id = h.identifier_id"
        " WHERE h.until IS NULL AND NOT h.void AND p.erased_at IS NULL AND h.profile_id IN (SELECT profile_id"
        f" FROM preferences_holding WHERE until IS NULL AND NOT void"
        f" AND identifier_id {one_of})"
    )
    holders: dict[UUID, set[UUID]] = {}
    numbered: dict[UUID, set[tuple[str, str]]] = {}
    browsers: set[UUID] = set()
    profiles: dict[Any, UUID] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        for identifier, holder, is_anonymous, kind, space in cursor.fetchall():
            profile = profiles.get(holder) or profiles.setdefault(holder, uuid_out(holder))
            if identifier in named:
                holders.setdefault(named[identifier], set()).add(profile)
            if kind in NUMBERS:
                numbered.setdefault(profile, set()).add((kind, space))
            if is_anonymous:
                browsers.add(profile)
    return Held(
        {key: frozenset(value) for key, value in holders.items()},
        {key: frozenset(value) for key, value in numbered.items()},
        frozenset(browsers),
    )


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a call means. `people` has two where an external id and a record number disagree.

    `unplaced`: the call names only addresses that nobody, or several people, hold (and a `browser`, perhaps).
    `fold`: the anonymous person whose browser this is, now known to be the same. `leaves`: the known person
    whose browser it was, and who somebody else is.
    """

    people: tuple[UUID, ...] = ()
    unplaced: bool = False
    nobody_holds: bool = False
    fold: UUID | None = None
    leaves: UUID | None = None
    browser: Named | None = None
    attachable: frozenset[Named] = field(default_factory=frozenset)


def match(ids: Mapping[Named, UUID], held: Held) -> Match:
    """R10's order: external id, record number, then an address that exactly one person holds."""
    strong = [each for each in ids if each.kind in NUMBERS]
    addresses = [each for each in ids if each.kind in ADDRESS_KINDS]
    browser = next((each for each in ids if each.kind == IdentifierKind.ANONYMOUS_ID), None)
    owner = next(iter(held.holders.get(ids[browser], ())), None) if browser else None
    people = sorted({holder for each in strong for holder in held.holders.get(ids[each], ())})
    if not people:
        people = _by_address(ids, held, addresses, strong)
    if len(people) > 1:
        return Match(tuple(people))
    if people:
        return _one(people[0], ids, held, strong, owner)
    shared = any(held.holders.get(ids[each]) for each in addresses)
    if addresses and not strong and (shared or not browser):
        return Match(unplaced=True, nobody_holds=not shared, browser=browser)
    anonymous = owner in held.anonymous
    if owner and (anonymous or not (strong or addresses)):
        return Match((owner,), attachable=frozenset(strong))
    return Match(leaves=owner)


def _by_address(
    ids: Mapping[Named, UUID], held: Held, addresses: Sequence[Named], strong: Sequence[Named]
) -> list[UUID]:
    sole = {
        next(iter(holders))
        for each in addresses
        if len(holders := held.holders.get(ids[each], frozenset()) - held.anonymous) == 1
    }
    if len(sole) != 1:
        return []
    [person] = sole
    taken = held.numbered.get(person, frozenset())
    return [] if any((each.kind, each.namespace) in taken for each in strong) else [person]


def _one(
    person: UUID, ids: Mapping[Named, UUID], held: Held, strong: Sequence[Named], owner: UUID | None
) -> Match:
    taken = held.numbered.get(person, frozenset())
    attachable = frozenset(
        each
        for each in strong
        if not held.holders.get(ids[each]) and (each.kind, each.namespace) not in taken
    )
    if owner is None or owner == person:
        return Match((person,), attachable=attachable)
    if owner in held.anonymous:
        return Match((person,), fold=owner, attachable=attachable)
    return Match((person,), leaves=owner, attachable=attachable)
