"""Why an answer is as it is: each step of R14 in its order, with what was recorded that bears on it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices

from preferences import projection
from preferences.answers import Answer, Rules, bearing, judge, restricts
from preferences.catalogue import Category
from preferences.person import Person
from preferences.terms import NO_CHANNEL, Reason


class Check(TextChoices):
    """What is looked at, in this order; the first that applies decides."""

    OFFERED = "offered", "Is this sent at all?"
    DECEASED = "deceased", "Has the person died?"
    RESTRICTION = "restriction", "Does something stand against an address?"
    ORDER = "order", "Does an order allow other ways only?"
    REQUIRED = "required", "Do we have to send these?"
    PAUSE = "pause", "Has the person paused these?"
    CHOICE = "choice", "What did the person choose?"
    DEFAULT = "default", "What holds with no choice?"


DECIDED_BY = {
    Reason.RETIRED: Check.OFFERED,
    Reason.NOT_OFFERED: Check.OFFERED,
    Reason.DECEASED: Check.DECEASED,
    Reason.RESTRICTION: Check.RESTRICTION,
    Reason.ORDER: Check.ORDER,
    Reason.REQUIRED: Check.REQUIRED,
    Reason.PAUSE: Check.PAUSE,
    Reason.CHOICE: Check.CHOICE,
    Reason.DEFAULT: Check.DEFAULT,
}


class Outcome(TextChoices):
    """What a step came to."""

    PASSED = "passed", "No, so we go on"
    DECIDED = "decided", "This decides"
    NOT_REACHED = "not_reached", "Not asked any more"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something recorded that bears on a step: by which entry (0: none), since when (µs), and what it says.

    `counts`: it holds, or wins over the others.
    """

    change: int
    since: int
    counts: bool
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    check: Check
    outcome: Outcome
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer with the way that led to it."""

    category: Category
    channel: str
    answer: Answer
    at: int
    version: str
    steps: tuple[Step, ...]

    @property
    def changes(self) -> tuple[int, ...]:
        """The entries that decided."""
        deciding = (step for step in self.steps if step.outcome == Outcome.DECIDED)
        return tuple(fact.change for step in deciding for fact in step.facts if fact.counts and fact.change)


def explained(category: Category, channel: str, person: Person, rules: Rules, death: int = 0) -> Explanation:
    """The answer that `judge` gives, step by step; `death` is the entry that says whether they have died."""
    answer = judge(category, channel, person, rules)
    decides = DECIDED_BY[answer.reason]
    if answer.reason == Reason.CHOICE and category.required:
        decides = Check.REQUIRED  # who was out before these became required stays out (R17)
    asked = _Asked(category, channel, person, rules, death, answer)
    steps = tuple(Step(check, _outcome(check, decides), tuple(asked.facts(check))) for check in Check)
    return Explanation(category, channel, answer, rules.now, person.seen_version(), steps)


def _outcome(check: Check, decides: Check) -> Outcome:
    order = list(Check)
    if check == decides:
        return Outcome.DECIDED
    return Outcome.PASSED if order.index(check) < order.index(decides) else Outcome.NOT_REACHED


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of whom; what was recorded about it, check by check."""

    category: Category
    channel: str
    person: Person
    rules: Rules
    death: int
    answer: Answer

    def facts(self, check: Check) -> Iterator[Fact]:
        match check:
            case Check.DECEASED if self.death:
                yield Fact(self.death, 0, self.person.deceased)
            case Check.RESTRICTION:
                yield from self._restrictions()
            case Check.ORDER if self.person.order and self.channel != NO_CHANNEL:
                order = self.person.order
                yield Fact(order.change, order.since, True, {"allowed": sorted(map(list, order.allowed))})
            case Check.REQUIRED if self.category.required and self.answer.reason == Reason.CHOICE:
                yield from self._choices()
            case Check.PAUSE if self.category.slug in self.person.pauses:
                start, until, change = self.person.pauses[self.category.slug]
                yield Fact(change, start, start <= self.rules.now < until, {"until": until})
            case Check.CHOICE if not self.category.required:
                yield from self._choices()
            case Check.DEFAULT if self.answer.reason == Reason.DEFAULT:
                yield Fact(0, 0, True, {"allowed": self.answer.allowed, "jurisdiction": self._where()})

    def _restrictions(self) -> Iterator[Fact]:
        """Those in force, and those that were lifted."""
        judged = self.person.addresses(self.channel)
        found: dict[tuple[str, str], list[int]] = {}
        for identifier, key, value in bearing(judged, self.person.held):
            if restricts(key, self.category, self.channel, identifier, self.rules):
                found[str(identifier.id), key] = value
        for (identifier_id, key), value in sorted(found.items()):
            kind, category, channel = key.split(":")
            stands = projection.in_force(value)
            since, change = value[:2] if stands else value[2:4]
            about = {"kind": kind, "category": category, "channel": channel, "identifier": identifier_id}
            yield Fact(change, since, stands, about)

    def _choices(self) -> Iterator[Fact]:
        """Every choice that covers the question, the one that wins among them."""
        wildcards = not self.category.is_data_use
        covering = projection.covering(
            self.person.choices, self.category.slug, self.channel, wildcards=wildcards
        )
        standing = projection.resolve(
            self.person.choices, self.category.slug, self.channel, wildcards=wildcards
        )
        for each in sorted(covering, key=lambda one: -one.value[1]):
            opts_in, since, change, expires = each.value[:4]
            wins = standing is not None and (standing.change, standing.since) == (change, since)
            run_out = 0 < expires <= self.rules.now
            about = {"opted_in": bool(opts_in), "said_of": each.breadth, "expires": expires}
            yield Fact(change, since, wins and not run_out, about)

    def _where(self) -> str:
        """Where they live; of a merged person the place whose default denies, where one does."""
        channel, organisation = self.channel, self.rules.jurisdiction
        found = self.person.jurisdictions
        strict = (each for each in found if not self.category.default(channel, each, organisation))
        where = next(strict, found[0])
        return where if self.category.is_data_use else where or organisation
