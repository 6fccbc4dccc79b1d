"""What the lists must say of identifiers: the same answers that decisions give, for all cells at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from preferences import selectors
from preferences.answers import Answer, Rules, everything, judge, reached_by, strictest
from preferences.catalogue import Catalogue, Category, catalogue
from preferences.models import Profile
from preferences.person import HeldIdentifier, Person
from preferences.projection import denials
from preferences.sql import placeholders, uuid_in, uuid_out
from preferences.terms import ADDRESS_KINDS, ADDRESS_OF, ANY, IdentifierKind, Whose

LISTED = (IdentifierKind.HEED, *ADDRESS_KINDS)
Cell = tuple[str, str]  # category and channel
Answers = Mapping[Cell, Answer]


def cells_at(known: Catalogue, kind: str) -> tuple[tuple[Category, str], ...]:
    """What is listed of an address: the channels that reach it, and those that reach none that Heed keeps.

    Of a letter or a use of data somebody who knows but an address of the person must learn there.
    """
    return tuple(cell for cell in known.grid if ADDRESS_OF.get(cell[1]) in (None, kind))


def cells_named(known: Catalogue, address: HeldIdentifier) -> Iterator[tuple[Category, str]]:
    """What an address itself denies on channels that reach another kind: listed of it, whoever holds it."""
    for key, _ in denials(address.restrictions):
        _, of, named = key.split(":")
        if named and ADDRESS_OF.get(named) not in (None, address.kind):
            yield from (cell for cell in known.grid if cell[1] == named and of in (ANY, cell[0].slug))


class Listed(NamedTuple):
    """What a row says."""

    denied: bool
    reason: str = ""
    whose: str = ""
    since: int = 0


ENDED = Listed(False)


class Standings:
    """All that bears on some people and addresses, each read once: a constant number of queries."""

    def __init__(self, people: Collection[UUID], addresses: Collection[UUID], rules: Rules) -> None:
        self.rules, self.catalogue = rules, catalogue()
        self.offered = {(category.slug, channel) for category, channel in self.catalogue.grid}
        self.cells = {kind: cells_at(self.catalogue, kind) for kind in ADDRESS_KINDS}
        merged = Profile.objects.filter(id__in=people, merged_into__isnull=False)
        self.survivors = {pk: pk for pk in people} | dict(merged.values_list("id", "merged_into_id"))
        self.holders = selectors.holders(addresses)
        held = {who for each in self.holders.values() for who in each}
        self.people = selectors.people(held | set(self.survivors.values()))
        known = {each.id: each for person in self.people.values() for each in person.held}
        unread = [pk for pk in addresses if pk not in known]
        known |= selectors.identifiers(unread) if unread else {}
        # As an address, not as what somebody may have left.
        self.addresses = [replace(known[pk], current=True) for pk in addresses]
        self._answers: dict[UUID, Answers] = {}

    def answers(self) -> Iterator[tuple[UUID, Answers]]:
        """Of each subject, the answer in every cell that is listed of it; none where nobody said anything."""
        for pk, survivor in self.survivors.items():
            person = self.people[survivor]
            yield pk, {} if person.is_silent else self._of_person(person)
        for address in self.addresses:
            yield address.id, self._of_address(address)

    def whose(self, subject: UUID) -> str:
        """Whom a row about this subject is about."""
        if survivor := self.survivors.get(subject):
            return Whose.PERSON.value if survivor == subject else Whose.MERGED.value
        held = any(self.holders.get(subject, {}).values())
        return Whose.HELD.value if held else Whose.STRAY.value

    def _of_person(self, person: Person) -> Answers:
        if person.id not in self._answers:
            self._answers[person.id] = everything(self.catalogue, person, self.rules)
        return self._answers[person.id]

    def _of_address(self, address: HeldIdentifier) -> Answers:
        holders = [(self.people[who], now) for who, now in self.holders.get(address.id, {}).items()]
        if not address.restrictions and all(person.is_silent for person, _ in holders):
            return {}
        cells = (*self.cells[address.kind], *cells_named(self.catalogue, address))
        if len(holders) == 1 and holders[0][1] and _is_the_only_one(address, holders[0][0]):
            answers = self._of_person(holders[0][0])
            return {(category.slug, channel): answers[category.slug, channel] for category, channel in cells}
        return {
            (category.slug, channel): strictest(
                category, channel, address, self._of_all(category, channel, address, holders), self.rules
            )
            for category, channel in cells
        }

    def _of_all(
        self,
        category: Category,
        channel: str,
        address: HeldIdentifier,
        holders: Collection[tuple[Person, bool]],
    ) -> list[tuple[Answer, bool]]:
        to = reached_by(channel, address)
        if to is None:
            return [(self._of_person(person)[category.slug, channel], now) for person, now in holders]
        return [(judge(category, channel, person, self.rules, to), now) for person, now in holders]


def _is_the_only_one(address: HeldIdentifier, person: Person) -> bool:
    """Asked about the person, and about this address of theirs, the same question is asked."""
    return [each.id for each in person.held if each.current and each.kind == address.kind] == [address.id]


def differing(identifiers: Mapping[UUID, str], now: datetime) -> list[tuple[UUID, Cell, Listed]]:
    """What the lists should say of these identifiers (each with its kind), and do not."""
    people = [pk for pk, kind in identifiers.items() if kind == IdentifierKind.HEED]
    addresses = [pk for pk, kind in identifiers.items() if kind in ADDRESS_KINDS]
    kept = _kept([*people, *addresses])
    standings = Standings(people, addresses, selectors.rules_now(now))
    rows: list[tuple[UUID, Cell, Listed]] = []
    for subject, answers in standings.answers():
        before, whose = kept.get(subject, {}), standings.whose(subject)
        denied = {
            cell: Listed(True, answer.reason.value, whose, answer.since)
            for cell, answer in answers.items()
            if answer.denied_by_someone
        }
        rows += ((subject, cell, said) for cell, said in denied.items() if said != before.get(cell))
        ended = (cell for cell, said in before.items() if said.denied and cell not in denied)
        rows += ((subject, cell, ENDED) for cell in ended if cell in standings.offered)
    return rows


def _kept(subjects: Sequence[UUID]) -> dict[UUID, dict[Cell, Listed]]:
    kept: dict[UUID, dict[Cell, Listed]] = {}
    if not subjects:
        return kept
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_id, category, channel, denied, reason, whose, since FROM preferences_standing"  # noqa: S608
            f" WHERE subject_id IN ({placeholders(len(subjects))})",
            [uuid_in(each) for each in subjects],
        )
        for subject, category, channel, *listed in cursor.fetchall():
            kept.setdefault(uuid_out(subject), {})[category, channel] = Listed(*listed)
    return kept
