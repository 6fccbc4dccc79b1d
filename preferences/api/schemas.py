"""The shapes that the API takes and answers, in JSON Schema (2020-12, as OpenAPI 3.1 has it). No logic."""

from collections.abc import Mapping
from typing import Any

from preferences.terms import (
    Actor,
    CategoryKind,
    Channel,
    IdentifierKind,
    OptInNeeds,
    Reason,
    State,
    SubjectKind,
)

Schema = Mapping[str, Any]

SLUG = r"^[a-z0-9_]+$"
LONGEST_SLUG = 100


def exactly(**parts: Schema) -> Schema:
    """An answer: all of these, and nothing else."""
    return {
        "type": "object",
        "properties": parts,
        "required": list(parts),
        "additionalProperties": False,
    }


def holding(needed: tuple[str, ...] = (), **parts: Schema) -> Schema:
    """A body: these are read, and whatever else is in it is neither used nor kept."""
    return {"type": "object", "properties": parts, **({"required": list(needed)} if needed else {})}


def only(needed: tuple[str, ...] = (), **parts: Schema) -> Schema:
    """A body in which anything else is refused: a slip in a name must not lose an opt-out without a word."""
    return {**holding(needed, **parts), "additionalProperties": False}


def listed(each: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": each, **({"maxItems": most} if most else {})}


def by_name(each: Schema) -> Schema:
    return {"type": "object", "additionalProperties": each}


def one_of(words: Any) -> Schema:
    return {"type": "string", "enum": [str(word) for word in words]}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def named(component: str) -> Schema:
    return {"$ref": f"#/components/schemas/{component}"}


def pages(each: Schema, **more: Schema) -> Schema:
    """A list as every route answers it."""
    return exactly(**more, results=listed(each), next=or_null(TEXT))


TEXT: Schema = {"type": "string"}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
UUID: Schema = {"type": "string", "format": "uuid"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}
CATEGORY: Schema = {"type": "string", "maxLength": LONGEST_SLUG, "description": "a category's slug"}
CATEGORY_OR_ANY: Schema = {**CATEGORY, "description": "a category's slug, or `*` for all messages"}
CHANNEL: Schema = {**one_of(Channel.values), "description": "a channel"}
MOMENT: Schema = {
    "type": "string",
    "description": "ISO 8601: a time (UTC where it has no offset) or a day",
    "examples": ["2026-05-01T09:30:00Z", "2026-05-01"],
}
EMAIL: Schema = {
    "type": "string",
    "description": "an email address",
    "maxLength": 320,
    "examples": ["pat@example.org"],
}
PHONE: Schema = {
    "type": "string",
    "description": "a phone number",
    "maxLength": 320,
    "examples": ["+12025550143"],
}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}
CURSOR: Schema = {"type": "string", "description": "the `next` of the answer before"}
REASONS = one_of(each for each in Reason.values if not each.startswith("unknown_c"))
DETAIL = (
    "What to do, in words. `instance` is the number under which our log knows the request. Some problems "
    "name the member that is wrong (`key`), a `limit`, or what stands now (`current`)."
)

COMPONENTS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457, as application/problem+json",
        "properties": {
            "type": {"type": "string", "pattern": "^urn:heed:problem:"},
            "title": TEXT,
            "status": WHOLE,
            "detail": {**TEXT, "description": DETAIL},
            "code": TEXT,
            "instance": TEXT,
        },
        "required": ["type", "title", "status", "detail", "code"],
    },
    "Choices": {
        "description": "category to yes or no, or to channel to yes or no; `*` may stand for either",
        "type": "object",
        "propertyNames": {"maxLength": LONGEST_SLUG},
        "additionalProperties": {
            "anyOf": [
                {"type": ["boolean", "null"]},
                {
                    "type": "object",
                    "propertyNames": {"maxLength": LONGEST_SLUG},
                    "additionalProperties": {"type": ["boolean", "null"]},
                },
            ]
        },
        "examples": [{"marketing_emails": False, "appointment_reminders": {"sms": False, "email": True}}],
    },
    "Cell": exactly(
        state={**one_of(State.values), "description": "what the person said"},
        allowed={**FLAG, "description": "what follows: may it be sent (or done)?"},
        because={**REASONS, "description": "why"},
        since=or_null(INSTANT),
    ),
    "Preferences": {
        **by_name(by_name(named("Cell"))),
        "description": "category to channel to what holds; a use of data stands under `*`",
    },
    "NotCounted": exactly(
        category=TEXT,
        channel=TEXT,
        why={
            **TEXT,
            "description": "`not_the_person`, `no_notice`, `no_second_step`, `not_offered`, `no_date`…",
        },
    ),
    "Number": {
        "description": "a number, in the usual namespace or in the one that is named",
        "anyOf": [
            {"type": "string", "maxLength": 320},
            {
                "type": "object",
                "properties": {
                    "value": {"type": "string", "maxLength": 320},
                    "authority": {"type": ["string", "null"], "maxLength": 50},
                    "source": {"type": ["string", "null"], "maxLength": 50},
                },
                "required": ["value"],
            },
        ],
    },
    "Address": {
        "description": "exactly one address",
        "anyOf": [
            {"type": "object", "properties": {"email": EMAIL}, "required": ["email"]},
            {"type": "object", "properties": {"phone": PHONE}, "required": ["phone"]},
        ],
    },
    "Offer": exactly(
        default={**FLAG, "description": "what holds for somebody who was never asked"},
        elsewhere={**by_name(FLAG), "description": "by jurisdiction, where it differs"},
        an_opt_in_needs=one_of(OptInNeeds.values),
    ),
    "Category": exactly(
        category={"type": "string", "pattern": SLUG},
        kind=one_of(CategoryKind.values),
        revision=WHOLE,
        language=TEXT,
        name=TEXT,
        description=TEXT,
        example=TEXT,
        how_often=TEXT,
        marketing=FLAG,
        required=FLAG,
        required_reason=TEXT,
        sensitive=FLAG,
        honours_signal=FLAG,
        retired=FLAG,
        channels=by_name(named("Offer")),
    ),
    "Entry": {
        "description": "what was recorded; leave out what you don't know",
        "type": "object",
        "properties": {"do": TEXT, "effective_at": INSTANT, "until": INSTANT, "counted": FLAG, "why": TEXT},
        "required": ["do"],
    },
    "Change": exactly(
        id=TEXT,
        subject=one_of((SubjectKind.PROFILE.value, *IdentifierKind.values)),
        profile=or_null(UUID),
        source=TEXT,
        by=or_null(one_of(Actor.values)),
        how=or_null(TEXT),
        occurred_at=INSTANT,
        recorded_at=INSTANT,
        notice=or_null(TEXT),
        hash={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        entries=listed(named("Entry")),
    ),
}
