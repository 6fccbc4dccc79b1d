"""A person as rules see them: what they chose and where they live, and nothing that says who they are."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from preferences import projection
from preferences.answers import Answer, Rules, judge
from preferences.catalogue import Catalogue, Category
from preferences.person import Person
from preferences.terms import RestrictionKind, State

SAID = {State.IN: "i", State.OUT: "o", State.NEVER_ASKED: "n"}
NOT_KNOWN = "?"
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Facts:
    """What rules may ask about a person.

    `consents`: category -> channel -> two letters. The first is the effective answer (R14): `+` allowed, `-`
    denied; the second is what the person said: `i` in, `o` out, `n` never asked; `?` where two people differ.
    A category or channel that is no longer used is not there. `jurisdictions`: all places where they may
    live, "" for one that is not known. `restrictions`: the kinds on the person or a current address; `stop?`
    where two people differ.
    """

    consents: Mapping[str, Mapping[str, str]]
    jurisdictions: tuple[str, ...] = ("",)
    restrictions: frozenset[str] = frozenset()

    @classmethod
    def load(cls, body: Mapping[str, Any]) -> "Facts":
        """As they were kept."""
        return cls(body["consents"], tuple(body["jurisdictions"]), frozenset(body["restrictions"]))

    @cached_property
    def body(self) -> dict[str, Any]:
        """As they are kept."""
        return {
            "consents": {category: dict(said) for category, said in self.consents.items()},
            "jurisdictions": sorted(self.jurisdictions),
            "restrictions": sorted(self.restrictions),
        }

    @cached_property
    def digest(self) -> bytes:
        """32 bytes that name these facts: people in the same state share them."""
        return sha256(json.dumps(self.body, separators=(",", ":"), sort_keys=True).encode()).digest()


def facts_of(person: Person | None, catalogue: Catalogue, rules: Rules) -> Facts:
    """What rules may ask about a person now; None is somebody whom nobody knows."""
    if person is None:
        return _of_a_stranger(catalogue, rules)
    consents: dict[str, dict[str, str]] = {}
    for category, channel in catalogue.grid:
        consents.setdefault(category.slug, {})[channel] = _word(judge(category, channel, person, rules))
    return Facts(consents, tuple(sorted(set(person.jurisdictions))), frozenset(_restrictions(person)))


def _of_a_stranger(catalogue: Catalogue, rules: Rules) -> Facts:
    """Messages as R13 has it for an unknown person; a use of data by the strictest default there is."""
    silent = facts_of(Person(NOBODY, {}), catalogue, rules)
    return replace(
        silent,
        consents={
            slug: said if catalogue.by_slug[slug].is_data_use else _to_strangers(catalogue.by_slug[slug])
            for slug, said in silent.consents.items()
        },
    )


def _to_strangers(category: Category) -> dict[str, str]:
    return dict.fromkeys(category.channels, "+n" if category.unknown_recipients else "-n")


def _word(answer: Answer) -> str:
    return ("+" if answer.allowed else "-") + SAID[answer.state]


def _restrictions(person: Person) -> set[str]:
    found = {
        key.partition(":")[0]
        for held in person.held
        if held.current
        for key, value in held.restrictions.items()
        if projection.in_force(value)
    }
    if person.order:
        found.add(RestrictionKind.ORDER.value)
    if person.deceased:
        found.add(RestrictionKind.DECEASED.value)
    return found


def one_of(people: Sequence[Facts]) -> Facts:
    """Facts about somebody who is one of these: where they differ nothing is known.

    So a verdict about them is at least as strict as that about each of them.
    """
    return Facts(
        {
            category: {
                channel: _either([each.consents[category][channel] for each in people]) for channel in said
            }
            for category, said in people[0].consents.items()
        },
        tuple(sorted({place for each in people for place in each.jurisdictions or ("",)})),
        frozenset(_restrictions_of(people)),
    )


def _either(words: Sequence[str]) -> str:
    return "".join(
        letters[0] if len(set(letters)) == 1 else NOT_KNOWN for letters in zip(*words, strict=True)
    )


def _restrictions_of(people: Sequence[Facts]) -> Iterator[str]:
    for kind in {each.rstrip(NOT_KNOWN) for one in people for each in one.restrictions}:
        yield kind if all(kind in each.restrictions for each in people) else f"{kind}{NOT_KNOWN}"
