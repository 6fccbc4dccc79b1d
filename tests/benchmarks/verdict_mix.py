"""The mix that verdicts are timed on: fixed, since a figure means nothing without it.

Half of the rules ask about a property of the event (one of twelve, with thirty values), the others name two
of twenty events; each also asks for one of fourteen choices, and each fourth where the person lives. Each
blocks for two of four purposes. Three of ten events are blocked by some rule; for the others every rule has
to be looked at. Everybody's answers and places are known, so that engines with two values say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.governance.reference import Answer, Event, System, answer

Body = dict[str, Any]
CHANNELS = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("sms", "email", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
    "sale_or_sharing": ("",),
    "sensitive_data": ("",),
}
CELLS = [(category, channel) for category, channels in CHANNELS.items() for channel in channels]
PATHS = [f"property{number}" for number in range(12)]
VALUES = [f"value{number}" for number in range(30)]
NAMES = [f"event{number}" for number in range(20)]
STATES = ["US-CA", "US-CO", "US-CT", "US-FL", "US-NV", "US-NY", "US-OR", "US-TX", "US-VA", "US-WA"]
SYSTEMS = [System(each, each, True) for each in ("marketing", "advertising", "analytics", "care")]
HIT = 0.3


@dataclass(frozen=True, slots=True)
class Case:
    """One question: may this event about that person go to that system?"""

    event: Event
    person: Body
    system: System
    blocked: bool


def policy(rules: int) -> Body:
    """So many rules; the first of many are those of few."""
    chance = Random(6)
    return {
        "rules": [_rule(chance, number) for number in range(rules)],
        "stances": {system.purpose: "allow" for system in SYSTEMS},
    }


def _rule(chance: Random, number: int) -> Body:
    category, channel = chance.choice(CELLS)
    when: list[Body] = [{"kind": "consent", "category": category, "on": channel, "is": "opted_out"}]
    if number % 2:
        path, value = chance.choice(PATHS), chance.choice(VALUES)
        when.append({"kind": "property", "path": path, "op": "equals", "value": value})
    else:
        when.append({"kind": "event", "in": chance.sample(NAMES, 2)})
    if number % 4 == 0:
        when.append({"kind": "jurisdiction", "in": chance.sample(STATES, 2)})
    purposes = chance.sample([each.purpose for each in SYSTEMS], 2)
    return {
        "id": f"rule-{number}",
        "name": f"Rule {number}",
        "on": True,
        "when": when,
        "then": {"effect": "block"},
        "for": {"purposes": purposes, "destinations": []},
    }


def cases(rules: Body, count: int) -> list[Case]:
    """So many questions, of which three in ten are answered by a rule."""
    wanted = {True: round(count * HIT), False: count - round(count * HIT)}
    found: list[Case] = []
    for case in _drawn(rules):
        if wanted[case.blocked]:
            wanted[case.blocked] -= 1
            found.append(case)
        if len(found) == count:
            break
    Random(7).shuffle(found)
    return found


def _drawn(rules: Body) -> Iterator[Case]:
    chance = Random(8)
    people = [_person(chance) for _ in range(300)]
    while True:
        listed = chance.sample(PATHS, 6)
        properties = {path: chance.choice(VALUES) for path in listed}
        event = Event(chance.choice(NAMES), False, [], dict.fromkeys(PATHS, "plain"), properties)
        person, system = chance.choice(people), chance.choice(SYSTEMS)
        said: Answer = answer(rules, event, person, system)
        yield Case(event, person, system, said.outcome == "block")


def _person(chance: Random) -> Body:
    """Out of about a third of all there is."""
    consents: Body = {}
    for category, channel in CELLS:
        consents.setdefault(category, {})[channel] = chance.choice(["+n", "+i", "-o"])
    return {"consents": consents, "jurisdictions": [chance.choice(STATES)], "restrictions": []}
