"""Who is who, where they are, and what is on offer, as the resolver reads it out of a notebook (R10, R15)."""

from collections.abc import Sequence
from typing import Any

from tests.preferences.notebook import Fact, Known, Merged, Parted, Published, Voided

Address = tuple[str, str]


def _offer(channel: str, default: bool, needs: str, out_in: str = "") -> dict[str, Any]:
    elsewhere = dict.fromkeys(out_in.split(), False)
    return {"channel": channel, "default": default, "needs": needs, "elsewhere": elsewhere}


# Section 7, "Categories after migrate".
AFTER_MIGRATE: dict[str, dict[str, Any]] = {
    "marketing_emails": {"marketing": True, "offers": [_offer("email", True, "person", "CA-ON CA-QC")]},
    "appointment_reminders": {"offers": [_offer(each, True, "any") for each in ("sms", "email", "phone")]},
    "patient_surveys": {"offers": [_offer(each, True, "any") for each in ("email", "sms")]},
    "care_follow_ups": {"offers": [_offer(each, True, "any") for each in ("email", "sms", "phone", "mail")]},
    "phone_outreach": {
        "marketing": True,
        "offers": [_offer(each, False, "person_with_notice") for each in ("phone", "sms")],
    },
    "sale_or_sharing": {
        "kind": "data_use",
        "honours_signal": True,
        "offers": [_offer("", True, "person_second_step", "US-WA US-NV")],
    },
    "sensitive_data": {
        "kind": "data_use",
        "sensitive": True,
        "offers": [_offer("", True, "person_second_step", "US-CO US-CT US-NV US-TX US-VA US-WA")],
    },
}


def counted(facts: Sequence[Fact]) -> list[Fact]:
    """R15: what was voided counts in no answer from then on."""
    in_error = {fact.fact for fact in facts if isinstance(fact, Voided)}
    return [fact for fact in facts if fact.number not in in_error]


def stands_for(facts: Sequence[Fact], person: int) -> int:
    """R10: the person whom this one is part of, after the last of these facts; themselves, if of nobody."""
    part_of: dict[int, int] = {}

    def survivor(number: int) -> int:
        return survivor(part_of[number]) if number in part_of else number

    for fact in facts:
        if isinstance(fact, Merged) and survivor(fact.other) != survivor(fact.survivor):
            part_of[survivor(fact.other)] = survivor(fact.survivor)
        if isinstance(fact, Parted):
            part_of.pop(fact.person, None)
    return survivor(person)


def one_with(facts: Sequence[Fact], person: int) -> set[int]:
    """Everybody who is one person with this one."""
    everybody = {fact.person for fact in facts if isinstance(fact, Known)} | {person}
    return {each for each in everybody if stands_for(facts, each) == stands_for(facts, person)}


def one_ever_since(facts: Sequence[Fact], fact: Known) -> set[int]:
    """Those who were one person with that one when it was said, and have not parted since."""
    moments = [fact, *(each for each in facts if isinstance(each, Parted) and each.number > fact.number)]
    return set.intersection(*(one_with(until(facts, each.number), fact.person) for each in moments))


def until(facts: Sequence[Fact], fact: int) -> list[Fact]:
    """What was known when that fact came, itself included."""
    return [each for each in facts if each.number <= fact]


def categories(facts: Sequence[Fact]) -> dict[str, dict[str, Any]]:
    """Every category as last published."""
    bodies = dict(AFTER_MIGRATE)
    for fact in facts:
        if isinstance(fact, Published):
            bodies[fact.slug] = fact.body
    return bodies


def offer_of(body: dict[str, Any], channel: str) -> dict[str, Any] | None:
    """How a category is offered on a channel."""
    return next((each for each in body["offers"] if each["channel"] == channel), None)


def is_message(body: dict[str, Any]) -> bool:
    """A communication, not a use of data."""
    return bool(body.get("kind", "communication") == "communication")


def addresses(facts: Sequence[Fact], who: set[int]) -> set[Address]:
    """Those that a source gave of them and has not replaced by a newer one of the same kind.

    What it said of somebody whom they were one with goes with that one when they part (R10).
    """
    held: list[tuple[int, str, Address]] = []
    for fact in facts:
        if isinstance(fact, Known) and fact.person in who:
            same = one_ever_since(facts, fact)
            for kind, value in fact.addresses:
                held = [
                    (person, source, address)
                    for person, source, address in held
                    if not (person in same and source == fact.source and address[0] == kind)
                ]
                held.append((fact.person, fact.source, (kind, value)))
    return {address for _, _, address in held}


def jurisdictions(facts: Sequence[Fact], who: set[int]) -> set[str]:
    """Where they live, as last heard; of people who were merged all that was heard before (R10)."""
    merged = [
        fact.number for fact in facts if isinstance(fact, Merged) and {fact.survivor, fact.other} <= who
    ]
    last = dict.fromkeys(who, "")
    for fact in facts:
        if isinstance(fact, Known) and fact.person in who and fact.jurisdiction:
            if merged and fact.number > max(merged):
                last = dict.fromkeys(who, fact.jurisdiction)
            last[fact.person] = fact.jurisdiction
    return set(last.values())
