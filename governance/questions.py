"""What a policy asks, each question once: a trace answers them all and hands each rule its own. Pure."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, reduce
from operator import itemgetter, or_
from typing import NamedTuple, TypeVar

from governance.allowed import AllowedEvent
from governance.bits import Bits
from governance.content import Bearing, Content, keep
from governance.matching import Properties
from governance.meeting import Known, Meeting
from governance.rules import AboutContent, Carries, Condition, Named, Property, Rule
from governance.terms import Truth

Word = TypeVar("Word")
Pick = Callable[[Sequence[Truth]], tuple[Truth, ...]]
YES_NO: Mapping[str, Truth] = {"0": Truth.NO, "1": Truth.YES}
FLAGS: Mapping[str, bool] = {"0": False, "1": True}


def spread(bits: int, count: int, words: Mapping[str, Word]) -> list[Word]:
    """The lowest bits one by one, the first bit first."""
    if not count:
        return []
    return list(map(words.__getitem__, reversed(format(bits & (1 << count) - 1, f"0{count}b"))))


@lru_cache(maxsize=1_000)
def flags(bits: int, count: int) -> list[bool]:
    """The same, set or not; remembered, since many traces share them."""
    return spread(bits, count, FLAGS)


class Asking(NamedTuple):
    """A question about content: the rules that ask it, and those that ask nothing else of the content."""

    condition: AboutContent
    rules: int
    alone: int


class OfEvent(NamedTuple):
    """What is the same for every event of that name. `possible`: what its content may hold at all."""

    allowed: AllowedEvent
    named: list[Truth]
    bearing: Bearing
    possible: int


class Questions:
    """All that a policy asks: about people (as `Known.truths` answers it), about names, about content."""

    def __init__(self, bits: Bits) -> None:
        rules = bits.policy.rules
        asked = dict.fromkeys(condition for rule in rules if rule.on for condition in rule.when)
        self._named = [each for each in asked if isinstance(each, Named)]
        self._asking = [_asking(bits, each) for each in asked if isinstance(each, Property | Carries)]
        self._content = Content()
        for number, each in enumerate(self._asking):
            self._content.ask(each.condition, 1 << number)
        content = [each.condition for each in self._asking]
        where: dict[object, int] = {
            key: number for number, key in enumerate([*bits.people, *self._named, *content])
        }
        self.picks = {each: [_pick(where, rule, each) for rule in rules] for each in (False, True)}
        self._events: dict[str, OfEvent] = {}

    def answers(
        self, meeting: Meeting, known: Known, hits: int, properties: Properties | None
    ) -> list[Truth]:
        """Each question's answer; what hits don't say of content that was not kept is *unkept*."""
        of_event = self._of(meeting.allowed)
        if properties is None:
            told = self._told(of_event, meeting.rules & known.applies, hits)
        else:
            told = spread(of_event.bearing.together(properties), len(self._asking), YES_NO)
        return [*known.truths, *of_event.named, *told]

    def _told(self, of_event: OfEvent, applies: int, hits: int) -> list[Truth]:
        truths = []
        for number, each in enumerate(self._asking):
            if hits & each.rules or of_event.bearing.always >> number & 1:
                truths.append(Truth.YES)
            elif not of_event.possible >> number & 1 or applies & each.alone & ~hits:
                truths.append(Truth.NO)
            else:
                truths.append(Truth.UNKEPT)
        return truths

    def _of(self, allowed: AllowedEvent) -> OfEvent:
        found = self._events.get(allowed.name)
        if found is None or found.allowed is not allowed:
            bearing = self._content.of(allowed)
            asked = [each.asked for each in bearing.sayings.values()]
            values = [each.present | reduce(or_, each.values.values(), 0) for each in asked]
            named = [Truth.YES if allowed.name in each.names else Truth.NO for each in self._named]
            found = OfEvent(allowed, named, bearing, reduce(or_, values, bearing.always))
            keep(self._events, allowed.name, found)
        return found


def _asking(bits: Bits, condition: AboutContent) -> Asking:
    rules = alone = 0
    for number, rule in enumerate(bits.policy.rules):
        content = {each for each in rule.when if isinstance(each, Property | Carries)}
        if rule.on and condition in content:
            rules |= bits.of(number)
            alone |= bits.of(number) if len(content) == 1 and not rule.redactions else 0
    return Asking(condition, rules, alone)


def _pick(where: Mapping[object, int], rule: Rule, advertising: bool) -> Pick:
    """What finds a rule's own answers among all; a rule that is off has none."""
    places = [_place(where, each, advertising) for each in rule.when if rule.on]
    if len(places) > 1:
        return itemgetter(*places)
    return lambda answers: tuple(answers[place] for place in places)


def _place(where: Mapping[object, int], condition: Condition, advertising: bool) -> int:
    """An opt-in is asked of people in two ways, everything else in one."""
    keys = (condition, (condition, advertising), (condition, False))
    return next(where[key] for key in keys if key in where)
