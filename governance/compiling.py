"""A policy made fast: rules are bits of whole numbers, so that all are asked at once (see `governance.bits`).

What depends on the person is worked out once for all of whom the same is true, what depends on the event's
revision once for it, and what depends on a property is looked up by its value: two hundred rules cost nearly
what five do.
"""

from collections.abc import Iterator

from governance.allowed import AllowedEvent
from governance.bits import Bits
from governance.content import keep
from governance.facts import Facts
from governance.meeting import Known, Meeting
from governance.redacting import strictest
from governance.rules import Policy, Redaction
from governance.terms import Because, Effect, Outcome, Stance, Truth
from governance.truth import truth
from governance.verdicts import EventSeen, Place, Verdict


class Compiled:
    """One published policy, ready to judge. It may be shared by threads."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.number = policy.number
        self.bits = Bits(policy)
        self._people: dict[bytes, Known] = {}
        self._meetings: dict[str, Meeting] = {}
        self._places: dict[Place, int] = {}

    def judge(self, event: EventSeen, facts: Facts, place: Place) -> Verdict:
        """May this event about that person go to that place, and how?"""
        # What was worked out before is looked up here, not in functions of its own: this is the hot path.
        meeting = self._meetings.get(event.name)
        if meeting is None or meeting.allowed is not event.allowed:
            if event.allowed is None:
                return self.decide(None, 0, facts, place)
            meeting = self.meeting(event.allowed)
        known = meeting.people.get(facts.digest) or self.known(meeting, facts)
        hits = meeting.hits(known, event.properties)
        found = meeting.verdicts.get((hits, known.broken, place))
        return found or self._verdict(meeting, hits, known.broken, place)

    def hits(self, event: EventSeen, facts: Facts) -> int:
        """Which rules apply: bits as in `governance.bits`, and one above them where health was carried.

        A rule that blocks or redacts applies unless one of its conditions is false, one that allows only if
        all are known to hold. One that redacts applies only where it finds something.
        """
        if event.allowed is None:
            return 0
        meeting = self.meeting(event.allowed)
        return meeting.hits(self.known(meeting, facts), event.properties)

    def decide(self, allowed: AllowedEvent | None, hits: int, facts: Facts, place: Place) -> Verdict:
        """The verdict that these hits lead to: the same today as when they were made."""
        if allowed is None:
            return Verdict(Outcome.BLOCK, Because.NOT_ALLOWED, (), {}, 0, self.number, 0)
        meeting = self.meeting(allowed)
        return self._verdict(meeting, hits, self.known(meeting, facts).broken, place)

    def _verdict(self, meeting: Meeting, hits: int, broken: int, place: Place) -> Verdict:
        key = (hits, broken, place)
        found = meeting.verdicts.get(key)
        if found is None:
            found = self._decided(meeting, hits, broken, place)
            keep(meeting.verdicts, key, found)
        return found

    def _decided(self, meeting: Meeting, hits: int, broken: int, place: Place) -> Verdict:
        here = hits & self.at(place)
        allows = here & self.bits.effects[Effect.ALLOW]
        redacts = here & self.bits.effects[Effect.REDACT]
        stance = self.policy.stances.get(place.purpose, Stance.BLOCK)
        decided, redactions = 0, {}
        if decided := here & (self.bits.effects[Effect.BLOCK] | broken):
            outcome, because = Outcome.BLOCK, Because.RULE
        elif hits & self.bits.carries_health and not place.has_agreement:
            outcome, because = Outcome.BLOCK, Because.NO_AGREEMENT
        elif not allows and stance == Stance.BLOCK:
            outcome, because = Outcome.BLOCK, Because.STANCE
        else:
            decided = allows | redacts
            redactions = dict(self._redactions(meeting, redacts))
            outcome = Outcome.REDACT if redacts else Outcome.FORWARD
            because = Because.RULE if allows else Because.STANCE
        rules = tuple(rule.id for rule in self.bits.rules(decided))
        return Verdict(outcome, because, rules, redactions, hits, self.number, meeting.allowed.number)

    def _redactions(self, meeting: Meeting, redacts: int) -> Iterator[tuple[str, Redaction]]:
        asked = [each for rule in self.bits.rules(redacts) for each in rule.redactions]
        for path, kind in meeting.allowed.properties.items():
            if bearing := [each for each in asked if each.path == path or each.kind == kind]:
                yield path, strictest(bearing)

    def at(self, place: Place) -> int:
        """The bits of the rules that are for a system."""
        found = self._places.get(place)
        if found is None:
            found = self.bits.at(place)
            keep(self._places, place, found)
        return found

    def meeting(self, allowed: AllowedEvent) -> Meeting:
        """How an event meets the policy."""
        meeting = self._meetings.get(allowed.name)
        if meeting is None or meeting.allowed is not allowed:
            meeting = Meeting(self.bits, allowed, {} if self.bits.asks_own else self._people)
            keep(self._meetings, allowed.name, meeting)
        return meeting

    def known(self, meeting: Meeting, facts: Facts) -> Known:
        """What follows from facts, worked out once."""
        known = meeting.people.get(facts.digest)
        if known is None:
            known = self._work_out(facts, meeting.allowed.categories)
            keep(meeting.people, facts.digest, known)
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
