"""Rules that staff may add to a draft with one click: each with the law that it answers to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.mission import consent, rule
from governance.terms import ADVERTISING, EVERYWHERE, OWN, Effect, Is, Op, PropertyClass

HEALTH = {"kind": "class", "carries": PropertyClass.HEALTH.value}
TO_OTHERS = ["marketing", ADVERTISING, "analytics", "other"]
WASHINGTON_NEVADA = {"kind": "jurisdiction", "in": ["US-NV", "US-WA"]}


@dataclass(frozen=True, slots=True)
class Template:
    """A rule to begin with. `law`: what it answers to; `needs`: what must be there first."""

    name: str
    law: str
    rules: tuple[Mapping[str, Any], ...]
    needs: str = ""


TEMPLATES: Mapping[str, Template] = {
    "limit-sensitive": Template(
        "Limit the use of sensitive information",
        "Cal. Civ. Code 1798.121 (a person may limit the use of sensitive personal information)",
        (
            rule(
                "limit-sensitive",
                "No to the use of sensitive information: no health information beyond care",
                [consent("sensitive_data", Is.OPTED_OUT), HEALTH],
                Effect.BLOCK,
                TO_OTHERS,
            ),
        ),
    ),
    "consumer-health-data": Template(
        "Washington and Nevada: consumer health data only after a yes",
        "RCW 19.373.030 (Washington); NRS 603A as amended by SB 370 of 2023 (Nevada)",
        tuple(
            rule(
                f"consumer-health-data-{slug}",
                f"Washington and Nevada, {words}: no health information beyond care",
                [WASHINGTON_NEVADA, consent("sensitive_data", said), HEALTH],
                Effect.BLOCK,
                TO_OTHERS,
            )
            for slug, words, said in (
                ("never-asked", "never asked", Is.NEVER_ASKED),
                ("out", "said no", Is.OPTED_OUT),
            )
        ),
    ),
    "minors": Template(
        "Minors: nothing to advertising and marketing",
        "15 USC 6502 (COPPA, under 13); Cal. Civ. Code 1798.120(c) (a yes is needed under 16)",
        (
            rule(
                "minors",
                "The event says that it is about a minor: nothing to advertising and marketing",
                [{"kind": "property", "path": "is_minor", "op": Op.EQUALS.value, "value": True}],
                Effect.BLOCK,
                ["marketing", ADVERTISING],
            ),
        ),
        "Heed knows nobody’s age: events must say “is_minor”, and the allow list must have that property.",
    ),
    "own-category-out": Template(
        "Whoever is out of what an event is about: it goes nowhere",
        "A choice of your own: stricter than any of these laws",
        (
            rule(
                "own-category-out",
                "Out of what the event is about, on any channel: nowhere",
                [consent(OWN, Is.OPTED_OUT, "any")],
                Effect.BLOCK,
                [EVERYWHERE],
            ),
        ),
    ),
}


def added(body: Mapping[str, Any], template: str) -> dict[str, Any]:
    """A policy's body with the rules of a template at its end; those it has already stay as they are.

    Raises KeyError where there is no such template.
    """
    known = {rule["id"] for rule in body["rules"]}
    new = [dict(rule) for rule in TEMPLATES[template].rules if rule["id"] not in known]
    return {**body, "rules": [*body["rules"], *new]}
