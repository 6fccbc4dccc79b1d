"""What the rules in force say of a batch of events, by what is true of people now: a few queries for all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from destinations import sealing
from destinations.contract import DENIED, GRANTED, UNASKED, Forwarded, Identified
from destinations.forwarding.leases import Row
from destinations.governed import place_of
from destinations.models import Destination
from destinations.tracked import Body, about, opened
from governance import allowed, policy
from governance.facts import Facts, facts_of, one_of
from governance.redacting import Digest, redacted
from governance.services import keep_facts
from governance.terms import PropertyClass
from governance.verdicts import EventSeen, Verdict
from preferences import keys, selectors
from preferences.catalogue import Catalogue, catalogue
from preferences.identity import Named
from preferences.person import HeldIdentifier
from preferences.terms import IdentifierKind

DATA_USE = ""  # its channel
WORDS = {"i": GRANTED, "n": UNASKED}


@dataclass(frozen=True, slots=True)
class Passing:
    """An event whose turn it is, and what the rules say of it. `body` None: what it held is gone.

    `wanted` is what would leave, should it go.
    """

    row: Row
    body: Body | None = field(repr=False)
    verdict: Verdict | None = None
    facts: int | None = None
    wanted: Forwarded | None = None


def judged(destination: Destination, rows: Sequence[Row], now: datetime) -> list[Passing]:
    """Each with its verdict and what would leave of it."""
    bodies = [_opened(row) for row in rows]
    alive = [(row, body) for row, body in zip(rows, bodies, strict=True) if body is not None]
    found = iter(_Judging(destination, alive, now).passing if alive else ())
    return [
        Passing(row, None) if body is None else next(found) for row, body in zip(rows, bodies, strict=True)
    ]


def _opened(row: Row) -> Body | None:
    try:
        return opened(row)
    except sealing.Unreadable:
        return None


class _Judging:
    """Rules, people and their identifiers behind a batch, each read once."""

    def __init__(self, destination: Destination, alive: Sequence[tuple[Row, Body]], now: datetime) -> None:
        self.destination, self.place, self.now = destination, place_of(destination), now
        self.code = code_for(destination)
        self.policy, self.listed = policy.in_force(), allowed.events()
        self.catalogue: Catalogue = catalogue()
        self.rules = selectors.rules_now(now)
        whose = about([body.identifiers for _, body in alive])
        survivors = selectors.survivors({pk for each in whose for pk in each.people})
        self.people = selectors.people(set(survivors.values())) if survivors else {}
        self.whose = [frozenset(survivors[pk] for pk in each.people if pk in survivors) for each in whose]
        self.true_of = self._true_of_each()
        self.true_of_strangers = facts_of(None, self.catalogue, self.rules)
        facts = [self._facts(people) for people in self.whose]
        self.kept = keep_facts(facts=facts)
        verdicts = [self._verdict(row, body, known) for (row, body), known in zip(alive, facts, strict=True)]
        self.values = selectors.plaintexts(self._told(verdicts))
        self.passing = [
            self._passing(*each, people, known, verdict)
            for each, people, known, verdict in zip(alive, self.whose, facts, verdicts, strict=True)
        ]

    def _true_of_each(self) -> dict[UUID, Facts]:
        """Of people who said nothing the same is true wherever the same defaults hold."""
        silent: dict[tuple[str, ...], Facts] = {}
        found = {}
        for pk, person in self.people.items():
            known = silent.get(person.jurisdictions) if person.is_silent else None
            found[pk] = known or facts_of(person, self.catalogue, self.rules)
            if person.is_silent:
                silent[person.jurisdictions] = found[pk]
        return found

    def _facts(self, people: frozenset[UUID]) -> Facts:
        """Of several, whatever any of them said counts: the strictest holds."""
        if not people:
            return self.true_of_strangers
        found = [self.true_of[pk] for pk in sorted(people)]
        return found[0] if len(found) == 1 else one_of(found)

    def _verdict(self, row: Row, body: Body, facts: Facts) -> Verdict:
        seen = EventSeen(row.name, body.properties, self.listed.get(row.name))
        return self.policy.judge(seen, facts, self.place)

    def _passing(
        self, row: Row, body: Body, people: frozenset[UUID], facts: Facts, verdict: Verdict
    ) -> Passing:
        listed, kept = self.listed.get(row.name), self.kept[facts.digest]
        if listed is None or not verdict.released:
            return Passing(row, body, verdict, kept)
        wanted = Forwarded(
            id=str(row.event),
            name=row.name,
            occurred_at=row.occurred_at,
            now=self.now,
            kind=row.kind,
            properties=redacted(body.properties, listed, verdict.redactions, self.code),
            plain=listed.of(PropertyClass.PLAIN),
            identifiers=self._identifiers(body, people),
            consents=consents_of(facts, self.catalogue),
            jurisdiction=facts.jurisdictions[0] if len(facts.jurisdictions) == 1 else "",
            job=row.job,
        )
        return Passing(row, body, verdict, kept, wanted)

    # --- who may be named ---

    def _may_see(self, held: HeldIdentifier) -> bool:
        return held.current and (self.destination.told_confidential or not held.confidential)

    def _told(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        """The identifiers of those whose events may go: nobody else's are read."""
        going = [people for people, verdict in zip(self.whose, verdicts, strict=True) if verdict.released]
        held = [each for people in going for pk in people for each in self.people[pk].held]
        return {each.id for each in held if each.kind != IdentifierKind.HEED}

    def _identifiers(self, body: Body, people: frozenset[UUID]) -> tuple[Identified, ...]:
        """Those that the event named, and of the one person whom it is about all others that may be told.

        What an order names, or what is theirs no longer, goes to no system because a partner named it.
        """
        theirs = [each for pk in people for each in self.people[pk].held if each.id in self.values]
        hidden = {self._named(each) for each in theirs if not self._may_see(each)}
        open_ = {self._named(each) for each in theirs if self._may_see(each)}
        told = {each for each in body.identifiers if each not in hidden - open_}
        if len(people) == 1:
            told |= open_
        return tuple(
            Identified(each.kind, each.namespace, each.value)
            for each in sorted(told)
            if each.kind != IdentifierKind.HEED
        )

    def _named(self, held: HeldIdentifier) -> Named:
        return Named(str(held.kind), held.namespace, self.values[held.id])


def code_for(destination: Destination) -> Digest:
    """In place of a text: a code that this system alone gets."""

    def code(text: str) -> str:
        return keys.keyed_digest("forwarding", f"{destination.slug}|{text}".encode()).hex()[:32]

    return code


def consents_of(facts: Facts, known: Catalogue) -> dict[str, str]:
    """What somebody said about uses of their data; where the default denies it, silence is a no."""
    uses = [category.slug for category, _ in known.grid if category.is_data_use]
    said = {slug: facts.consents.get(slug, {}).get(DATA_USE, "-?") for slug in uses}
    return {
        slug: WORDS.get(word[1:], DENIED) if word.startswith("+") else DENIED for slug, word in said.items()
    }
