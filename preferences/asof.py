"""Reading as of a past moment, replayed from the ledger: the same today as then (R14, `at`).

Has what `preferences.selectors` reads from projections, from nothing but entries recorded by that moment,
publications and settings in force at it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from preferences import history
from preferences.answers import Rules
from preferences.catalogue import Catalogue, catalogue_as_of
from preferences.clock import instant, micros
from preferences.holders import standing_holders
from preferences.models import Holding, Identifier, Profile
from preferences.person import HeldIdentifier, Order, Person
from preferences.rebuilding import Rebuilt, as_kept, rebuild, voided
from preferences.rules import rules_at
from preferences.terms import SubjectKind
from preferences.ties import Entered, folded, group, merged, survivor


class AsOf:
    """Everything that was known at one moment about some people and identifiers."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.chains: dict[UUID, list[Entered]] = {}
        self._rebuilt: dict[UUID, Rebuilt] = {}

    def catalogue(self) -> Catalogue:
        """The categories in force then."""
        return catalogue_as_of(self.at)

    def rules(self) -> Rules:
        """The organisation's settings then."""
        return rules_at(self.at)

    def survivors(self, ids: Collection[UUID]) -> dict[UUID, UUID]:
        """Each person who was known then, with the person they were part of."""
        self._read(ids)
        existed = Profile.objects.filter(id__in=ids, created_at__lte=self.at).values_list("id", flat=True)
        return {pk: survivor(pk, self.chains) for pk in existed}

    def people(self, ids: Collection[UUID]) -> dict[UUID, Person]:
        """People with all they held by then."""
        self._read(ids)
        held = {UUID(pk) for each in ids for pk, *_ in self._of(each).holdings}
        known = self.identifiers(held)
        return {each: self._person(each, known) for each in ids}

    def as_one(self, survivor: UUID, other: UUID) -> Person:
        """What would hold for both if they were merged now; nothing is written."""
        self._read([survivor, other])
        last = max((change.id for own in self.chains.values() for change in own), default=0)
        into, come = folded(survivor), merged(other)
        for number, (person, entry) in enumerate([(other, into), (survivor, come)], last + 1):
            self.chains[person] = [*self.chains[person], Entered(number, 0, micros(self.at), [entry])]
        self._rebuilt.clear()
        return self.people([survivor])[survivor]

    def identifiers(self, ids: Collection[UUID]) -> dict[UUID, HeldIdentifier]:
        """Identifiers as they bore on answers."""
        chains = history.chains(SubjectKind.IDENTIFIER, ids, self.at)
        rows = Identifier.objects.filter(id__in=ids)  # one that came later has no entry by then
        return {
            pk: HeldIdentifier(pk, kind, namespace, rebuild(pk, chains).restrictions, True, len(chains[pk]))
            for pk, kind, namespace in rows.values_list("id", "kind", "namespace")
        }

    def holders(self, ids: Collection[UUID]) -> dict[UUID, dict[UUID, bool]]:
        """Per identifier, who held it, or had held it until somebody else was verified there."""
        rows = Holding.ever.filter(identifier__in=ids).values_list("profile_id", flat=True)
        now = set(rows)
        self._read(now | set(Profile.objects.filter(merged_into__in=now).values_list("id", flat=True)))
        wanted = {str(pk): pk for pk in ids}
        found: dict[UUID, list[tuple[UUID, datetime | None, datetime | None]]] = {}
        for person in {survivor(pk, self.chains) for pk in list(self.chains)}:
            for (pk, *_), held in self._of(person).holdings.items():
                if pk in wanted and not held.void:
                    row = (person, _moment(held.until), _moment(held.verified_at))
                    found.setdefault(wanted[pk], []).append(row)
        return {pk: standing_holders(rows) for pk, rows in found.items()}

    def _read(self, ids: Collection[UUID]) -> None:
        if new := set(ids) - self.chains.keys():
            self.chains |= history.with_survivors(new, self.at)
            self._rebuilt.clear()

    def _of(self, person: UUID) -> Rebuilt:
        if person not in self._rebuilt:
            self._rebuilt[person] = rebuild(person, self.chains)
        return self._rebuilt[person]

    def _person(self, pk: UUID, known: Mapping[UUID, HeldIdentifier]) -> Person:
        was = self._of(pk)
        current: dict[UUID, bool] = {}
        for (each, *_), held in was.holdings.items():
            if not held.void:
                current[UUID(each)] = current.get(UUID(each), False) or held.until is None
        return Person(
            pk,
            was.choices,
            was.attributes.get("jurisdiction", ""),
            was.attributes.get("language", ""),
            was.deceased[1],
            was.pauses,
            len(self.chains[pk]),
            tuple(replace(known[each], current=is_current) for each, is_current in current.items()),
            Order.load(as_kept(was.order)),
            tuple(was.also_in),
        )

    def death_of(self, person: UUID) -> int:
        """The entry that says whether they have died; 0 where none does."""
        changes = [change for pk in group(person, self.chains) for change in self.chains.get(pk, ())]
        void = voided(changes)
        found = (
            (entry["at"], entry["set"], change.id)
            for change in changes
            for entry in change.entries
            if entry["do"] == "deceased" and void.isdisjoint((change.id, entry.get("of")))
        )
        return max(found, default=(0, False, 0))[2]


def _moment(at: int | None) -> datetime | None:
    return None if at is None else instant(at)
