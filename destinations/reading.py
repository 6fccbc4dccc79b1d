"""People, addresses and plaintexts behind a batch, and what each row must hold by them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from destinations.contract import By, Connector, Field, Held, Identified
from destinations.mapping import Mapper, View
from destinations.mapping.sources import LEAVE
from destinations.models import Destination, Disclosure, Propagation
from preferences import selectors
from preferences.catalogue import catalogue
from preferences.descriptions import preferences_of, restrictions_of
from preferences.models import Identifier
from preferences.person import HeldIdentifier, Person
from preferences.terms import ADDRESS_KINDS, IdentifierKind


class Reading:
    """People, addresses and plaintexts behind a batch, each read once."""

    def __init__(
        self,
        destination: Destination,
        connector: Connector,
        ids: Collection[UUID],
        now: datetime,
        mapper: Mapper,
    ) -> None:
        self.destination, self.connector, self.mapper = destination, connector, mapper
        self.catalogue, self.rules = catalogue(), selectors.rules_now(now)
        kinds = dict(Identifier.objects.filter(id__in=ids).values_list("id", "kind"))
        by_person = {pk for pk, kind in kinds.items() if kind == IdentifierKind.HEED}
        addresses = set(kinds) - by_person
        self.survivors = selectors.survivors(by_person) if by_person else {}
        self.people = selectors.people(set(self.survivors.values())) if by_person else {}
        held = [each for person in self.people.values() for each in person.held]
        self.identifiers = {each.id: each for each in held}
        if addresses:
            self.identifiers |= selectors.identifiers(addresses)
        if connector.shared_records:
            addresses = addresses | {each.id for each in held if each.kind in ADDRESS_KINDS and each.current}
        self.holders = selectors.holders(addresses) if addresses else {}
        others = {who for each in self.holders.values() for who in each} - set(self.people)
        self.people |= selectors.people(others) if others else {}
        self.values = selectors.plaintexts(set(self.identifiers))
        self.targets = self._targets_of(others) if connector.shared_records and others else {}
        self.disclosed = self._disclosed()

    def _targets_of(self, people: Collection[UUID]) -> dict[UUID, dict[str, Held]]:
        rows = Propagation.objects.filter(destination=self.destination, identifier__in=people)
        moved_at = self.destination.moved_at
        return {
            pk: held_from(targets, moved_at) for pk, targets in rows.values_list("identifier_id", "targets")
        }

    def _disclosed(self) -> set[UUID]:
        """Addresses that it knows and may no longer see: it hears what is refused there."""
        held = [each for person in self.people.values() for each in person.held]
        hidden = {each.id for each in held if not self._may_see(each)}
        if not hidden:
            return set()
        known = Disclosure.objects.filter(destination=self.destination, identifier__in=hidden)
        return set(known.values_list("identifier_id", flat=True))

    def content(self, pk: UUID) -> dict[str, Any]:
        """The parts of a Wanted that come from people."""
        if survivor := self.survivors.get(pk):
            person = self.people[survivor]
            return self._of_person(person) if survivor == pk else self._of_merged(pk, person)
        return self._of_address(self.identifiers[pk])

    def is_unreachable(self, pk: UUID, content: Mapping[str, Any]) -> bool:
        """An address that may not be sent there, or only where something is refused at it."""
        if pk not in self.identifiers or not (self._is_forgotten(pk) or self._is_hidden(pk)):
            return False
        return self._is_forgotten(pk) or pk not in self.disclosed or not refuses(content["fields"])

    def _is_forgotten(self, pk: UUID) -> bool:
        """An address whose data key was destroyed still decides, but cannot be sent (R19)."""
        return pk not in self.values

    def _is_hidden(self, pk: UUID) -> bool:
        """An address that orders name, and nothing else, is not for this system (45 CFR 164.522(b))."""
        standing = self.holders.get(pk, {})
        return bool(standing) and all(
            not self._may_see(each) for who in standing for each in self.people[who].held if each.id == pk
        )

    def _may_see(self, held: HeldIdentifier) -> bool:
        return self.destination.told_confidential or not held.confidential

    def _of_person(self, person: Person) -> dict[str, Any]:
        fields_at = self._fields_at(person)
        identifiers = tuple(
            Identified(each.kind, each.namespace, self.values[each.id], each.current)
            for each in sorted(person.held, key=lambda each: each.id)
            if each.id in self.values
            and each.kind != IdentifierKind.HEED
            and (self._may_see(each) or self.values[each.id] in fields_at)
        )
        view = self._view([(person, True)], None)
        snapshot: dict[str, Any] = {}
        if self.connector.wants_snapshot:
            snapshot = self._snapshot(person, identifiers)
        return {
            "address": "",
            "identifiers": identifiers,
            "fields": self.mapper.fields(view),
            "fields_at": fields_at,
            "snapshot": snapshot,
        }

    def _of_merged(self, pk: UUID, survivor: Person) -> dict[str, Any]:
        """No record is found by what they held; whoever knows them by their key learns what holds now."""
        snapshot: dict[str, Any] = {}
        if self.connector.wants_snapshot:
            snapshot = {**self._snapshot(survivor, ()), "profile": str(pk), "restrictions": []}
        return {"address": "", "identifiers": (), "fields": {}, "fields_at": {}, "snapshot": snapshot}

    def _fields_at(self, person: Person) -> dict[str, dict[str, Field]]:
        if not self.connector.shared_records:
            return {}
        found = {}
        for each in person.held:
            if each.current and each.kind in ADDRESS_KINDS and each.id in self.values:
                fields = self._fields_of(each, seen=self._may_see(each))
                if self._may_see(each) or (each.id in self.disclosed and refuses(fields)):
                    found[self.values[each.id]] = fields
        return found

    def _fields_of(self, address: HeldIdentifier, *, seen: bool) -> dict[str, Field]:
        """What must stand there; unseen only what is refused, all else as it stands."""
        fields = self.mapper.fields(self._view_of(address))
        if seen:
            return fields
        refused = {target: field for target, field in fields.items() if field.denies}
        return {row.target: refused.get(row.target, LEAVE) for row in self.mapper.rows}

    def _view_of(self, address: HeldIdentifier) -> View:
        standing = self.holders.get(address.id, {})
        return self._view([(self.people[who], current) for who, current in standing.items()], address)

    def _view(self, people: Sequence[tuple[Person, bool]], address: HeldIdentifier | None) -> View:
        may_see = self.destination.told_confidential
        return View(people, address, self.catalogue, self.rules, self.values, may_see)

    def _of_address(self, address: HeldIdentifier) -> dict[str, Any]:
        value = self.values.get(address.id, "")
        snapshot: dict[str, Any] = {}
        if self.connector.wants_snapshot and not any(self.holders.get(address.id, {}).values()):
            named = {"kind": address.kind, "value": value}
            snapshot = {
                "identifier": named,
                "identifiers": [named],
                "preferences": {},
                "restrictions": restrictions_of(address),
            }
        by_address = self.connector.addresses == By.ADDRESS
        return {
            "address": value,
            "identifiers": (),
            "fields": self._fields_of(address, seen=not self._is_hidden(address.id)) if by_address else {},
            "fields_at": {},
            "snapshot": snapshot,
        }

    def _snapshot(self, person: Person, identifiers: Sequence[Identified]) -> dict[str, Any]:
        known = [each for each in person.held if self._may_see(each) or each.id in self.disclosed]
        seen = [each for each in known if each.current]
        return snapshot_of(self._view([(person, True)], None), person, identifiers, seen)

    def held_by_sharers(self, pk: UUID) -> dict[str, Held]:
        """What Heed wrote, for people who share an address, to records that may be everyone's."""
        if not self.connector.shared_records or pk not in self.people:
            return {}
        sharers = {
            who for each in self.people[pk].held if each.current for who in self.holders.get(each.id, {})
        }
        return {
            key: held
            for who in sharers - {pk}
            for key, held in self.targets.get(who, {}).items()
            if held.wrote
        }


def refuses(fields: Mapping[str, Field]) -> bool:
    return any(field.denies for field in fields.values())


def snapshot_of(
    view: View, person: Person, identifiers: Sequence[Identified], seen: Sequence[HeldIdentifier]
) -> dict[str, Any]:
    """Everything that holds for one person, as a system is told that wants it whole."""
    return {
        "profile": str(person.id),
        "identifiers": [
            {"kind": each.kind, "value": each.value}
            | ({"namespace": each.namespace} if each.namespace else {})
            for each in identifiers
            if each.current
        ],
        "preferences": preferences_of(view.catalogue, person, view.rules),
        "restrictions": [
            {**restriction, "identifier": view.values.get(each.id, "")}
            for each in seen
            for restriction in restrictions_of(each)
        ],
    }


def held_from(targets: str, moved_at: datetime | None = None) -> dict[str, Held]:
    """What Heed knows of the targets of one row, as it is stored.

    What was learnt before the connection led here was learnt elsewhere: a denial that stands here may be the
    system's own, so nothing is known of it.
    """
    known = {key: Held(**value) for key, value in json.loads(targets).items()}
    return {key: held for key, held in known.items() if moved_at is None or held.learnt_since(moved_at)}
