"""A verdict with all that led to it, rule by rule. Pure."""

from functools import lru_cache, partial
from typing import NamedTuple

from governance.allowed import AllowedEvent
from governance.compiling import Compiled
from governance.facts import Facts
from governance.matching import Properties
from governance.questions import Questions, flags
from governance.rules import Rule
from governance.terms import ADVERTISING, Stance, Truth
from governance.verdicts import Place, Verdict


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
    questions, meeting = _questions(compiled), compiled.meeting(allowed)
    known = compiled.known(meeting, facts)
    answers = questions.answers(meeting, known, hits, properties)
    advertising = place.purpose == ADVERTISING
    count = compiled.bits.count
    high = count if advertising else 0
    columns = [flags(bits >> high, count) for bits in (compiled.at(place), hits, known.broken)]
    truths = [pick(answers) for pick in questions.picks[advertising]]
    # `Line` itself is called once for each rule, which would cost as much as all the rest.
    lines = map(partial(tuple.__new__, Line), zip(compiled.policy.rules, *columns, truths, strict=True))
    return Trace(verdict, stance, tuple(lines))


@lru_cache(maxsize=32)
def _questions(compiled: Compiled) -> Questions:
    return Questions(compiled.bits)
