"""Where a policy's rules stand among the bits, and which bits each condition concerns.

Rule i of n has two bits: i stands for systems in general, n + i for those with the purpose advertising,
where an opt-in is only what somebody said. What a rule asks about the event itself is kept in layers of such
rows, its first question in the lowest one, so that several questions of one rule don't stand for each other.
"""

from collections import defaultdict
from collections.abc import Iterator

from governance.content import Content
from governance.rules import AboutPerson, Carries, Consent, Named, Policy, Property, Rule
from governance.terms import ADVERTISING, EVERYWHERE, OWN, Effect, Is
from governance.verdicts import Place


class Bits:
    """A policy's rules as masks; those that are off have none."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.count = len(policy.rules)
        self.width = 2 * self.count
        self.carries_health = 1 << self.width  # above the rules: the event was about health
        self.on = self.need = 0
        self.effects = dict.fromkeys(Effect, 0)
        self.names: dict[frozenset[str], int] = defaultdict(int)
        self.people: dict[tuple[AboutPerson, bool], int] = defaultdict(int)
        self.content = Content()
        for number, rule in enumerate(policy.rules):
            if rule.on:
                self._place(number, rule)

    @property
    def asks_own(self) -> bool:
        """Does any rule ask about the event's own categories?"""
        return any(isinstance(each, Consent) and each.category == OWN for each, _ in self.people)

    @property
    def layers(self) -> int:
        """How many questions of the content one rule asks at most; one layer there always is."""
        return max(1, -(-self.need.bit_length() // self.width)) if self.width else 1

    @property
    def unasked(self) -> int:
        """In all layers, the rules that have no question there."""
        return ((1 << self.layers * self.width) - 1) & ~self.need

    def of(self, number: int) -> int:
        """Both bits of a rule."""
        return 1 << number | 1 << number + self.count

    def at(self, place: Place) -> int:
        """The bits of the rules that are for a system."""
        high = self.count if place.purpose == ADVERTISING else 0
        reach = {EVERYWHERE, place.purpose}
        return sum(
            1 << number + high
            for number, rule in enumerate(self.policy.rules)
            if rule.purposes & reach or place.slug in rule.destinations
        )

    def rules(self, bits: int) -> Iterator[Rule]:
        """Whose bits these are, in the policy's order."""
        low = (bits | bits >> self.count) & ((1 << self.count) - 1)
        while low:
            yield self.policy.rules[(low & -low).bit_length() - 1]
            low &= low - 1

    def _place(self, number: int, rule: Rule) -> None:
        both = self.of(number)
        self.on |= both
        self.effects[rule.effect] |= both
        layer = both
        for condition in rule.when:
            match condition:
                case Named(names=names):
                    self.names[names] |= both
                case Property() | Carries():
                    self.need |= layer
                    self.content.ask(condition, layer)
                    layer <<= self.width
                case Consent(said=Is.OPTED_IN):
                    self.people[condition, False] |= 1 << number
                    self.people[condition, True] |= 1 << number + self.count
                case _:
                    self.people[condition, False] |= both
        if rule.redactions:
            self.need |= layer
            self.content.find(rule.redactions, layer)
