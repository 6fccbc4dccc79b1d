"""A draft of the policy asked about what was judged before, by the facts that were kept of then.

Where no rule asks more of the content than whether it carries health, the hits that were kept say it all;
else the event is opened, as long as what it said is kept.
"""

from typing import NamedTuple
from uuid import UUID

from destinations import sealing
from destinations.tracked import opened
from governance.allowed import AllowedEvent, event_as
from governance.compiling import Compiled
from governance.content import keep
from governance.facts import Facts
from governance.matching import Properties
from governance.policy import numbered
from governance.rules import Carries, Consent, Policy, Property, Rule
from governance.terms import ANY, EVERY, OWN, PropertyClass
from governance.verdicts import EventSeen, Place

BLOCKED, RELEASED, SAME, UNJUDGED = "blocked", "released", "same", "unjudged"


class Judged(NamedTuple):
    """A verdict that was made, as it is read back; `body` None: it was destroyed, or nobody asks for it."""

    id: int
    destination: int
    slug: str
    purpose: str
    has_agreement: bool
    event: UUID
    name: str
    allowed: int
    facts: int
    hits: str
    policy: int
    body: bytes | None


class Rejudging:
    """What stands and a draft, asked about the same events."""

    def __init__(self, stands: Policy, draft: Policy) -> None:
        self.stands, self.draft = Compiled(stands), Compiled(draft)
        rules = [rule for each in (stands, draft) for rule in each.rules if rule.on]
        self.opens = any(map(_asks_content, rules))
        self.asked = {each for rule in rules for each in rule.when if isinstance(each, Consent)}
        self._widths: dict[int, int] = {}
        self._answered: dict[bytes, bool] = {}

    def differs(self, row: Judged, facts: Facts) -> str:
        """Would it be blocked that goes, or go that is blocked, by what was true then?"""
        allowed = event_as(row.name, row.allowed) if row.allowed else None
        if allowed is None:
            return SAME
        properties = self._properties(row, allowed)
        if properties is None or not self._answers(facts):
            return UNJUDGED
        seen = EventSeen(row.name, properties, allowed)
        place = Place(row.slug, row.purpose, row.has_agreement)
        goes, would = (each.judge(seen, facts, place).released for each in (self.stands, self.draft))
        if goes == would:
            return SAME
        return BLOCKED if goes else RELEASED

    def _properties(self, row: Judged, allowed: AllowedEvent) -> Properties | None:
        """What the event said, or what stands for it; None where it is needed and is gone."""
        if not self.opens:
            carried = int(row.hits or "0", 16) >> self._width(row.policy) & 1
            return dict.fromkeys(sorted(allowed.health)[:1], "") if carried else {}
        try:
            body = opened(row)
        except sealing.Unreadable:
            return None
        return None if body is None else body.properties

    def _answers(self, facts: Facts) -> bool:
        """Was all that the rules ask of people there when these facts were kept?"""
        known = self._answered.get(facts.digest)
        if known is None:
            known = all(_answered(each, facts) for each in self.asked)
            keep(self._answered, facts.digest, known)
        return known

    def _width(self, policy: int) -> int:
        """Where in the hits of a policy it stands that health was carried."""
        if policy not in self._widths:
            self._widths[policy] = numbered(policy).bits.width
        return self._widths[policy]


def _asks_content(rule: Rule) -> bool:
    """Does a rule ask what only the event itself can answer?"""
    asked = [each for each in rule.when if isinstance(each, Property | Carries)]
    health = [each for each in asked if isinstance(each, Carries) and each.kind == PropertyClass.HEALTH]
    return bool(rule.redactions) or len(health) < len(asked)


def _answered(asked: Consent, facts: Facts) -> bool:
    """Was the category, and its channel, there when the facts were kept?"""
    said = facts.consents.get(asked.category, {})
    return asked.category == OWN or (asked.on in said or (asked.on in (ANY, EVERY) and bool(said)))
