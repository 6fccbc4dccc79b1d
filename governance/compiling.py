"""A policy made fast: rules are bits of whole numbers, so that all are asked at once (see `governance.bits`).

What depends on the person is worked out once for all of whom the same is true, what depends on the event's
revision once for it, and what depends on a property is looked up by its value: two hundred rules cost nearly
what five do.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeVar

from governance.allowed import AllowedEvent
from governance.bits import Bits
from governance.facts import Facts
from governance.matching import Properties, texts
from governance.redacting import strictest
from governance.rules import Policy, Redaction
from governance.terms import Because, Effect, Outcome, PropertyClass, Stance, Truth
from governance.truth import truth
from governance.verdicts import EventSeen, Place, Verdict

Key = TypeVar("Key")
Worked = TypeVar("Worked")
KEPT = 10_000  # of each kind of thing that was worked out


class Known(NamedTuple):
    """Of all of whom the same is true: rules that apply as far as they go, and rules that are broken.

    `truths`: of all that is asked about people, in the order of `Bits.people`.
    """

    applies: int
    broken: int
    truths: tuple[Truth, ...]


class Watched(NamedTuple):
    """A property that rules ask about: bits where it is there, and where it says something."""

    path: str
    present: int
    values: Mapping[str, int]


class View:
    """A policy as one event of the allow list meets it: rules for that event, and what to look at in it."""

    def __init__(self, bits: Bits, allowed: AllowedEvent, people: dict[bytes, Known]) -> None:
        self.allowed = allowed
        self.people = people
        self.verdicts: dict[tuple[int, int, Place], Verdict] = {}
        elsewhere = [mask for names, mask in bits.names.items() if allowed.name not in names]
        self.rules = bits.on & ~reduce(or_, elsewhere, 0)
        self.holds = bits.carries[PropertyClass.HEALTH] if allowed.is_health else 0
        self.watched = tuple(
            Watched(path, asked.present, asked.values)
            for path, asked in bits.paths.items()
            if path in allowed.properties
        )
        self.classes = tuple(
            (paths, mask)
            for kind in PropertyClass
            if (mask := bits.carries[kind] | bits.redacts[kind]) and (paths := allowed.of(kind))
        )

    def holding(self, properties: Properties) -> int:
        """What holds of the content, in layers of rules."""
        holds = self.holds
        for path, present, values in self.watched:
            if path in properties:
                holds |= present
                if values:
                    for said in texts(properties[path]):
                        holds |= values.get(said, 0)
        for paths, mask in self.classes:
            if not paths.isdisjoint(properties):
                holds |= mask
        return holds

    def carries_health(self, properties: Properties) -> bool:
        """Is the event about health, or does a property say something of it?"""
        return self.allowed.is_health or not self.allowed.health.isdisjoint(properties)


class Compiled:
    """One published policy, ready to judge. It may be shared by threads."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.number = policy.number
        self.bits = Bits(policy)
        self._people: dict[bytes, Known] = {}
        self._views: dict[str, View] = {}
        self._places: dict[Place, int] = {}

    def judge(self, event: EventSeen, facts: Facts, place: Place) -> Verdict:
        """May this event about that person go to that place, and how?"""
        if event.allowed is None:
            return self.decide(None, 0, facts, place)
        return self._verdict(self.view(event.allowed), self.hits(event, facts), facts, place)

    def hits(self, event: EventSeen, facts: Facts) -> int:
        """Which rules apply: bits as in `governance.bits`, and one above them where health was carried.

        A rule that blocks or redacts applies unless one of its conditions is false, one that allows only if
        all are known to hold. One that redacts applies only where it finds something.
        """
        if event.allowed is None:
            return 0
        view = self.view(event.allowed)
        hits = view.rules & self.known(view, facts).applies
        missing = self.bits.need & ~view.holding(event.properties)
        while missing:
            hits &= ~missing
            missing >>= self.bits.width
        return hits | self.bits.carries_health if view.carries_health(event.properties) else hits

    def decide(self, allowed: AllowedEvent | None, hits: int, facts: Facts, place: Place) -> Verdict:
        """The verdict that these hits lead to: the same today as when they were made."""
        if allowed is None:
            return Verdict(Outcome.BLOCK, Because.NOT_ALLOWED, (), {}, 0, self.number, 0)
        return self._verdict(self.view(allowed), hits, facts, place)

    def _verdict(self, view: View, hits: int, facts: Facts, place: Place) -> Verdict:
        broken = self.known(view, facts).broken
        key = (hits, broken, place)
        found = view.verdicts.get(key)
        if found is None:
            found = self._decided(view, hits, broken, place)
            _keep(view.verdicts, key, found)
        return found

    def _decided(self, view: View, hits: int, broken: int, place: Place) -> Verdict:
        here = hits & self.at(place)
        allows = here & self.bits.effects[Effect.ALLOW]
        redacts = here & self.bits.effects[Effect.REDACT]
        stance = self.policy.stances.get(place.purpose, Stance.BLOCK)
        decided, redactions = 0, {}
        if hits & self.bits.carries_health and not place.has_agreement:
            outcome, because = Outcome.BLOCK, Because.NO_AGREEMENT
        elif decided := here & (self.bits.effects[Effect.BLOCK] | broken):
            outcome, because = Outcome.BLOCK, Because.RULE
        elif not allows and stance == Stance.BLOCK:
            outcome, because = Outcome.BLOCK, Because.STANCE
        else:
            decided = allows | redacts
            redactions = dict(self._redactions(view, redacts))
            outcome = Outcome.REDACT if redacts else Outcome.FORWARD
            because = Because.RULE if allows else Because.STANCE
        rules = tuple(rule.id for rule in self.bits.rules(decided))
        return Verdict(outcome, because, rules, redactions, hits, self.number, view.allowed.number)

    def _redactions(self, view: View, redacts: int) -> Iterator[tuple[str, Redaction]]:
        asked = [each for rule in self.bits.rules(redacts) for each in rule.redactions]
        for path, kind in view.allowed.properties.items():
            if bearing := [each for each in asked if each.path == path or each.kind == kind]:
                yield path, strictest(bearing)

    def at(self, place: Place) -> int:
        """The bits of the rules that are for a system."""
        found = self._places.get(place)
        if found is None:
            found = self.bits.at(place)
            _keep(self._places, place, found)
        return found

    def view(self, allowed: AllowedEvent) -> View:
        """The policy as an event meets it."""
        view = self._views.get(allowed.name)
        if view is None or view.allowed is not allowed:
            view = View(self.bits, allowed, {} if self.bits.asks_own else self._people)
            _keep(self._views, allowed.name, view)
        return view

    def known(self, view: View, facts: Facts) -> Known:
        """What follows from facts, worked out once."""
        known = view.people.get(facts.digest)
        if known is None:
            known = self._work_out(facts, view.allowed.categories)
            _keep(view.people, facts.digest, known)
        return known

    def _work_out(self, facts: Facts, own: tuple[str, ...]) -> Known:
        masks = dict.fromkeys(Truth, 0)
        asked = self.bits.people
        truths = tuple(truth(condition, facts, own, explicit=explicit) for condition, explicit in asked)
        for found, mask in zip(truths, asked.values(), strict=True):
            masks[found] |= mask
        broken = masks[Truth.GONE] & ~masks[Truth.NO]
        unsure = masks[Truth.UNKNOWN] & self.bits.effects[Effect.ALLOW] & ~broken
        return Known(self.bits.on & ~masks[Truth.NO] & ~unsure, broken, truths)


def _keep(kept: dict[Key, Worked], key: Key, worked: Worked) -> None:
    """Remember what was worked out; when there is too much of it, begin anew."""
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = worked
