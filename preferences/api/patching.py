"""A merge patch of what one person chose (RFC 7396), turned into choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preferences.api import consent, moments, reading, schemas, traits
from preferences.errors import Malformed
from preferences.models import ApiKey
from preferences.services import Choice, Said
from preferences.terms import Actor, State

MEMBERS = ("preferences", "occurred_at", "evidence", "notice", "second_step")
OF_AN_ANSWER = ("profile", "version")  # may come back with it, and say nothing
STATES = {State.IN.value: True, State.OUT.value: False, State.NEVER_ASKED.value: None}
CELL: schemas.Schema = {
    "anyOf": [
        {"type": ["boolean", "null"]},
        schemas.holding(("state",), state=schemas.one_of(STATES)),
    ]
}
BODY = schemas.only(
    ("preferences",),
    preferences={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"maxLength": schemas.LONGEST_SLUG},
        "additionalProperties": {
            "anyOf": [
                {"type": ["boolean", "null"]},
                {
                    "type": "object",
                    "propertyNames": {"maxLength": schemas.LONGEST_SLUG},
                    "additionalProperties": CELL,
                },
            ]
        },
    },
    occurred_at=schemas.or_null(schemas.MOMENT),
    evidence=schemas.or_null(schemas.OBJECT),
    notice=schemas.or_null({"type": "string", "examples": ["preference_page.en@3"]}),
    second_step=schemas.or_null(schemas.FLAG),
    profile={},
    version={},
    writeKey=schemas.TEXT,
)


@dataclass(frozen=True, slots=True)
class Patch:
    """What was chosen, how it was said, and what of it had to be left out."""

    choices: tuple[Choice, ...]
    said: Said
    warnings: tuple[str, ...]


def read(body: Mapping[str, Any], key: ApiKey, now: datetime) -> Patch:
    """Raises Malformed."""
    reading.check(body)
    _known(body)
    cells, nulls = _cells(body.get("preferences"))
    choices, _ = consent.choices({"preferences": cells})
    occurred, too_early = moments.named(body, "occurred_at", now)
    notice_id, no_notice = traits.notice(body.get("notice"), "notice")
    evidence = body.get("evidence")
    if not isinstance(evidence, dict | None):
        raise Malformed("evidence must be an object", key="evidence")
    said = Said(
        source=key.source,
        by=Actor.PERSON if key.source.speaks_for_person else Actor.PARTNER,
        occurred=occurred,
        evidence=evidence or None,
        notice_id=notice_id,
        second_step=_flag(body, "second_step"),
        attached=bool(evidence),
    )
    return Patch(choices, said, (*nulls, *too_early, *no_notice))


def _known(body: Mapping[str, Any]) -> None:
    for name in body:
        if name not in MEMBERS and name not in OF_AN_ANSWER:
            raise Malformed(f"there is no {name[:50]!r} here; there are {', '.join(MEMBERS)}", key=name[:50])


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool | None):
        raise Malformed(f"{name} must be true or false", key=name)
    return bool(value)


def _cells(preferences: object) -> tuple[dict[str, Any], tuple[str, ...]]:
    """As consents are written elsewhere: `{"state": "opted_out"}` is false.

    RFC 7396 removes what is null. Nobody can unsay a choice, so a null is left out with a word: refusing it
    would refuse an opt-out beside it.
    """
    if not isinstance(preferences, dict) or not preferences:
        raise Malformed('preferences must be an object: {"marketing_emails": false}', key="preferences")
    cells: dict[str, Any] = {}
    nulls: list[str] = []
    for category, wanted in preferences.items():
        cells[category] = wanted
        if isinstance(wanted, dict):
            cells[category] = {channel: _spoken(cell) for channel, cell in wanted.items()}
            nulls += [f"{category}.{channel}" for channel, cell in wanted.items() if cell is None]
        elif wanted is None:
            nulls.append(category)
    return cells, tuple(
        f"preferences.{name} is null, which says nothing: what stands stays" for name in nulls
    )


def _spoken(cell: object) -> object:
    if not isinstance(cell, dict):
        return cell
    state = cell.get("state")
    if not isinstance(state, str) or state not in STATES:
        raise Malformed(f"a state is one of {', '.join(STATES)}", key="state")
    return STATES[state]
