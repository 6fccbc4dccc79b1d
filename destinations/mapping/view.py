"""Who stands behind one row at a system, and the one answer that holds for all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from destinations.contract import Field
from preferences.answers import Answer, Rules, judge
from preferences.catalogue import Catalogue, Category
from preferences.clock import instant
from preferences.person import HeldIdentifier, Person
from preferences.terms import ADDRESS_OF

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class View:
    """Who stands behind a row: one person, or an address with all its holders (False: a former one).

    `values`: identifiers in the clear, so far as they were read; confidential ones are for few systems only.
    """

    people: Sequence[tuple[Person, bool]]
    address: HeldIdentifier | None
    catalogue: Catalogue
    rules: Rules
    values: Mapping[UUID, str] = field(default_factory=dict)
    told_confidential: bool = False

    def answers(self, category: Category, channel: str) -> list[tuple[Answer, bool]]:
        """One answer per person, with whether they hold the address now."""
        to = (self.address,) if self.address and ADDRESS_OF.get(channel) == self.address.kind else None
        people = self.people
        if not people and self.address:
            people = [(Person(self.address.id, {}, held=(self.address,)), True)]
        return [(judge(category, channel, person, self.rules, to), current) for person, current in people]

    def agreed(self, fact: Callable[[Person], Fact]) -> Fact | None:
        """What holds for everyone who is there now; nothing where they differ, or nobody is."""
        found = [fact(person) for person, current in self.people if current]
        return found[0] if found and all(each == found[0] for each in found) else None


def combined(view: View, category: Category, channel: str) -> Field | None:
    """The strictest of all: out if out for any; in only where someone said so and no default is against.

    What is retired, or no longer offered there, is still out for whoever refused it, and in for nobody.
    """
    in_use = category.in_use(channel)
    answers = view.answers(category if in_use else category.kept(channel), channel)
    denials = [answer for answer, _ in answers if answer.denied_by_someone]
    if denials:
        first = min(denials, key=lambda each: each.since)
        return Field(True, True, _at(first), first.reason.value)
    current = [answer for answer, is_current in answers if is_current and in_use]
    chosen = [answer for answer in current if answer.chosen]
    if chosen and all(answer.allowed for answer in current):
        return Field(False, False, _at(min(chosen, key=lambda each: each.since)), chosen[0].reason.value)
    return None


def _at(answer: Answer) -> datetime | None:
    return instant(answer.since) if answer.since else None
