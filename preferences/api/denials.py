"""Restrictions as partners write them."""

from collections.abc import Mapping
from typing import Any

from preferences import clock
from preferences.api import moments, naming, reading, schemas
from preferences.api.schemas import Schema
from preferences.errors import Malformed
from preferences.models import ApiKey
from preferences.services import Allowed, Said
from preferences.terms import Actor, Channel, RestrictionKind, Verified

HOW: dict[str, Schema] = {
    "occurred_at": schemas.or_null(schemas.MOMENT),
    "evidence": schemas.or_null(schemas.OBJECT),
}
SET: dict[str, Schema] = {
    "kind": schemas.one_of(RestrictionKind.values),
    "phone": schemas.or_null(schemas.PHONE),
    "email": schemas.or_null(schemas.EMAIL),
    "profile": schemas.or_null(schemas.UUID),
    "category": schemas.or_null(schemas.CATEGORY_OR_ANY),
    "channel": schemas.or_null(schemas.CHANNEL),
    "allowed": schemas.or_null(
        schemas.listed(
            schemas.only(
                ("channel",),
                channel=schemas.CHANNEL,
                email=schemas.EMAIL,
                phone=schemas.PHONE,
                address={"type": "string", "maxLength": 500},
            ),
            20,
        )
    ),
    **HOW,
}
LIFT: dict[str, Schema] = {**HOW, "verified": schemas.or_null(schemas.one_of((Verified.CODE, Verified.LINK)))}


def check(body: Mapping[str, Any], members: Mapping[str, Any]) -> None:
    """Raises Malformed: a slip in a name must not make a denial broader or narrower than it was meant."""
    reading.check(body)
    naming.only(body, members)


def kind(body: Mapping[str, Any]) -> RestrictionKind:
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in RestrictionKind.values:
        raise Malformed(f"kind is one of {', '.join(RestrictionKind.values)}", key="kind")
    return RestrictionKind(kind)


def said(body: Mapping[str, Any], key: ApiKey) -> Said:
    evidence = body.get("evidence")
    if not isinstance(evidence, dict | None):
        raise Malformed("evidence must be an object", key="evidence")
    occurred, _ = moments.named(body, "occurred_at", clock.now())
    by = Actor.PERSON if key.source.speaks_for_person else Actor.PARTNER
    return Said(key.source, by, occurred, evidence or None, attached=bool(evidence))


def verified(value: object) -> Verified | None:
    if value is None:
        return None
    if value not in (Verified.CODE, Verified.LINK):
        raise Malformed("verified is how the person was verified there: code or link", key="verified")
    return Verified(str(value))


def allowed(value: object) -> list[Allowed]:
    """Raises Malformed. An empty list is one too: the service says how many it takes."""
    if not isinstance(value, list):
        raise Malformed('allowed must be a list: [{"channel": "email", "email": …}]', key="allowed")
    return [_way(each) for each in value]


def _way(value: object) -> Allowed:
    if not isinstance(value, dict) or not isinstance(value.get("channel"), str):
        raise Malformed("each way names its channel, and an email, phone or address", key="allowed")
    channel = value["channel"]
    kind, address = naming.only_one(value, ("email", "phone", "address"))
    if kind != "address":
        return Allowed(channel, naming.identifier(kind, address, source=""))
    if not isinstance(address, str) or channel != Channel.MAIL:
        raise Malformed("an address in words is one for letters (mail)", key="allowed")
    return Allowed(channel, text=address)
