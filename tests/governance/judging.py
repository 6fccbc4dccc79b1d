"""Random cases, handed to Heed."""

from typing import Any

from governance.allowed import AllowedEvent
from governance.compiling import Compiled
from governance.facts import Facts
from governance.parsing import policy_from
from governance.terms import PropertyClass
from governance.verdicts import EventSeen, Place, Verdict
from tests.governance.reference import Answer, Event, System

Body = dict[str, Any]


def compiled(body: Body) -> Compiled:
    return Compiled(policy_from(body, 7))


def seen(event: Event) -> EventSeen:
    listed = {path: PropertyClass(kind) for path, kind in event.listed.items()}
    allowed = AllowedEvent(event.name, event.is_health, tuple(event.categories), listed, 3)
    return EventSeen(event.name, event.properties, allowed)


def place(system: System) -> Place:
    return Place(system.slug, system.purpose, system.has_agreement)


def facts(person: Body) -> Facts:
    return Facts.load(person)


def as_answer(verdict: Verdict, event: Event) -> Answer:
    """A verdict in the reference's words: of the redactions, those that found something."""
    ways = {
        path: (each.how.value, each.keep) for path, each in verdict.redactions.items() if path in event.came()
    }
    return Answer(verdict.outcome.value, verdict.because.value, set(verdict.rules), ways)
