"""A verdict with all that led to it, rule by rule. Pure."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from governance.allowed import AllowedEvent
from governance.compiling import Compiled, View
from governance.facts import Facts
from governance.matching import Properties, texts
from governance.rules import AboutContent, Carries, Condition, Named, Property, Rule
from governance.terms import ADVERTISING, Op, PropertyClass, Stance, Truth
from governance.verdicts import Place, Verdict

Truths = Sequence[Truth]
Pick = Callable[[Truths], tuple[Truth, ...]]


class Line(NamedTuple):
    """One rule of a trace. `truths`: of its conditions in their order; none of a rule that is off.

    `here`: it is for this system. `applies`: no condition is false and, where it redacts, it found something;
    a rule that allows applies only where all are known to hold. `broken`: it names a category that is no
    longer used, so it blocks whatever it says.
    """

    rule: Rule
    here: bool
    applies: bool
    broken: bool
    truths: tuple[Truth, ...]


class Trace(NamedTuple):
    """`stance`: what holds there when no rule matches. An event that is not allowed meets no rule."""

    verdict: Verdict
    stance: Stance
    lines: tuple[Line, ...]


class Content(NamedTuple):
    """A condition about the content, the rules that ask it, and those that ask nothing else of it."""

    condition: AboutContent
    rules: int
    alone: int


def trace(
    compiled: Compiled,
    allowed: AllowedEvent | None,
    facts: Facts,
    hits: int,
    place: Place,
    *,
    properties: Properties | None = None,
) -> Trace:
    """The verdict of these hits, and why; without properties, as far as hits say it."""
    verdict = compiled.decide(allowed, hits, facts, place)
    stance = compiled.policy.stances.get(place.purpose, Stance.BLOCK)
    if allowed is None:
        return Trace(verdict, stance, ())
    plan, view = _plan(compiled), compiled.view(allowed)
    known = compiled.known(view, facts)
    named = [Truth.YES if allowed.name in each.names else Truth.NO for each in plan.named]
    content = [_said(each, view, known.applies, hits, properties) for each in plan.content]
    truths = [*known.truths, *named, *content]
    advertising = place.purpose == ADVERTISING
    high = compiled.bits.count if advertising else 0
    rows = zip(
        compiled.policy.rules,
        *(_each(bits >> high, compiled.bits.count) for bits in (compiled.at(place), hits, known.broken)),
        [pick(truths) for pick in plan.picks[advertising]],
        strict=True,
    )
    return Trace(verdict, stance, tuple(map(Line._make, rows)))


def _each(bits: int, count: int) -> Iterator[bool]:
    """The lowest bits, one by one."""
    low = format(bits & ((1 << count) - 1), f"0{count}b") if count else ""
    return map("1".__eq__, reversed(low))


def _said(content: Content, view: View, applies: int, hits: int, properties: Properties | None) -> Truth:
    if properties is not None:
        return Truth.YES if _holds(content.condition, view, properties) else Truth.NO
    if hits & content.rules:
        return Truth.YES
    if (always := _always(content.condition, view)) is not None:
        return always
    return Truth.NO if view.rules & applies & content.alone & ~hits else Truth.UNKEPT


def _holds(condition: AboutContent, view: View, properties: Properties) -> bool:
    if isinstance(condition, Carries):
        about = condition.kind == PropertyClass.HEALTH and view.allowed.is_health
        return about or not view.allowed.of(condition.kind).isdisjoint(properties)
    if condition.path not in properties or condition.path not in view.allowed.properties:
        return False
    return condition.op == Op.PRESENT or any(
        said in condition.values for said in texts(properties[condition.path])
    )


def _always(condition: AboutContent, view: View) -> Truth | None:
    """What is true of every such event, whatever it says."""
    if isinstance(condition, Carries):
        if condition.kind == PropertyClass.HEALTH and view.allowed.is_health:
            return Truth.YES
        return None if view.allowed.of(condition.kind) else Truth.NO
    return None if condition.path in view.allowed.properties else Truth.NO


class Plan:
    """Where each rule finds its conditions among those that are asked once for all."""

    def __init__(self, compiled: Compiled) -> None:
        bits, rules = compiled.bits, compiled.policy.rules
        asked = [condition for rule in rules if rule.on for condition in rule.when]
        self.named = list(dict.fromkeys(each for each in asked if isinstance(each, Named)))
        about = dict.fromkeys(each for each in asked if isinstance(each, Property | Carries))
        self.content = [Content(each, *_asking(compiled, each)) for each in about]
        places: dict[object, int] = {
            key: number for number, key in enumerate([*bits.people, *self.named, *about])
        }
        self.picks = {
            advertising: [
                _picking([_place(places, each, advertising) for each in rule.when if rule.on])
                for rule in rules
            ]
            for advertising in (False, True)
        }


def _place(places: dict[object, int], condition: Condition, advertising: bool) -> int:
    """An opt-in is asked of people in two ways, everything else in one."""
    keys = (condition, (condition, advertising), (condition, False))
    return next(places[key] for key in keys if key in places)


def _asking(compiled: Compiled, condition: AboutContent) -> tuple[int, int]:
    rules = alone = 0
    for number, rule in enumerate(compiled.policy.rules):
        content = {each for each in rule.when if isinstance(each, Property | Carries)}
        if rule.on and condition in content:
            rules |= compiled.bits.of(number)
            alone |= compiled.bits.of(number) if len(content) == 1 and not rule.redactions else 0
    return rules, alone


def _picking(places: list[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda truths: tuple(truths[place] for place in places)


@lru_cache(maxsize=32)
def _plan(compiled: Compiled) -> Plan:
    return Plan(compiled)
