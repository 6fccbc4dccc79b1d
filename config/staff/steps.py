"""The steps that led to an answer, in staff's words. Pure."""

from dataclasses import dataclass
from uuid import UUID

from config.staff.lines import way
from config.staff.selectors import Known
from config.staff.words import Mark, category_name, channel_name, day, denied_name, listed, sentence
from preferences.clock import instant
from preferences.explaining import Check, Explanation, Fact, Outcome, Step
from preferences.terms import ANY

YES, NO = Mark("Yes"), Mark("No")
PASSED = {Check.OFFERED: YES, Check.CHOICE: Mark("Nothing that counts")}


@dataclass(frozen=True, slots=True)
class Told:
    """One step. Each fact comes with the entry behind it: 0 where there is none."""

    question: str
    came_to: Mark
    decides: bool
    facts: tuple[tuple[str, int], ...]


def steps(found: Explanation, known: Known) -> tuple[Told, ...]:
    """Every step, those that were not reached too."""
    return tuple(_told(each, found, known) for each in found.steps)


def _told(step: Step, found: Explanation, known: Known) -> Told:
    facts = tuple((sentence(_fact(step.check, each, known)), each.change) for each in step.facts)
    decides = step.outcome == Outcome.DECIDED
    if decides:
        came_to = Mark("This decides", "good" if found.answer.allowed else "bad")
    elif step.outcome == Outcome.PASSED:
        came_to = PASSED.get(step.check, NO)
    else:
        came_to = Mark(Outcome.NOT_REACHED.label)
    return Told(step.check.label, came_to, decides, facts)


def _fact(check: Check, fact: Fact, known: Known) -> str:
    on = day(instant(fact.since)) if fact.since else ""
    match check:
        case Check.DECEASED:
            return "Reported to have died" if fact.counts else "A report of a death was corrected"
        case Check.RESTRICTION:
            return f"{_restriction(fact, known)}, {'since' if fact.counts else 'lifted on'} {on}"
        case Check.ORDER:
            ways = [way(channel, pk, known) for channel, pk in fact.about["allowed"]]
            return f"Only {listed(ways) or 'what both of two orders allow, and that is nothing'}, since {on}"
        case Check.PAUSE:
            until = day(instant(fact.about["until"]))
            return f"From {on} until {until}{'' if fact.counts else ': not then'}"
        case Check.DEFAULT:
            where = f" in {fact.about['jurisdiction']}" if fact.about["jurisdiction"] else ""
            return f"{'Yes' if fact.about['allowed'] else 'No'}{where}, for whoever was not asked"
    return f"{_choice(fact, known)}, {on}{'' if fact.counts else ': another answer stands'}"


def _restriction(fact: Fact, known: Known) -> str:
    about = fact.about
    identifier = UUID(about["identifier"])
    where = known.masked(identifier) or "an address of theirs"
    label = known.label(f"{about['kind']}:{about['category']}:{about['channel']}", identifier)
    what = denied_name(about["category"], known.catalogue)
    return f"{label} for {what} at {where}"


def _choice(fact: Fact, known: Known) -> str:
    category, _, channel = fact.about["said_of"].partition(":")
    words = f"{'Yes' if fact.about['opted_in'] else 'No'} to {category_name(category, known.catalogue)}"
    if not channel:
        return words
    return f"{words} on every channel" if channel == ANY else f"{words} by {channel_name(channel).lower()}"
