"""An identify call in Segment's words, turned into ours. Whatever else it carries is neither used nor kept."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preferences.api import consent, moments, naming
from preferences.errors import Forbidden, Malformed
from preferences.identity import Named, named
from preferences.models import ApiKey, Revision
from preferences.services import Call, Said
from preferences.terms import Actor, IdentifierKind, RevisionKind, Scope

NAMING = ("email", "phone", "mrn")
ATTRIBUTES = {
    "jurisdiction": (re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"), "US-CA"),
    "language": (re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,1}"), "en or es-MX"),
}
_NOTICE = re.compile(r"(.{1,100})@([1-9]\d{0,8})", re.DOTALL)
NOT_CONTENT = ("writeKey", "sentAt")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a call that say something to Heed."""

    body: Mapping[str, Any]
    traits: Mapping[str, Any]
    consent: Mapping[str, Any]
    places: Mapping[str, Any]


def heard(body: Mapping[str, Any], key: ApiKey, now: datetime, sent_at: object = None) -> tuple[Call, Said]:
    """What was said, and how. Raises Malformed, Forbidden."""
    parts = _parts(body)
    browser_only = is_browser_key(key)
    if browser_only and (body.get("userId") is not None or any(each in parts.traits for each in NAMING)):
        raise Forbidden("this key is for browsers: send anonymousId, and nothing that names a person")
    choices, contradictions = consent.choices(parts.places)
    occurred, too_early = moments.occurred(body, body.get("sentAt", sent_at), now)
    addresses, unreadable = _addresses(parts.traits)
    attributes, odd = _attributes(parts.traits)
    notice_id, no_notice = _notice(parts.consent.get("notice"))
    evidence = _object(parts.consent, "evidence", "context.consent")
    call = Call(
        identifiers=(*_ids(parts, key), *addresses),
        choices=choices,
        attributes=attributes,
        message_id=_text(body, "messageId"),
        content=content(body),
        problems=(*unreadable, *odd, *no_notice, *too_early, *contradictions),
    )
    said = Said(
        source=key.source,
        by=Actor.PERSON if key.source.speaks_for_person else Actor.PARTNER,
        occurred=occurred,
        evidence=evidence or None,
        notice_id=notice_id,
        # Anybody can read a browser's key and show what they like with it.
        attached=bool(evidence) and not browser_only,
    )
    return call, said


def is_browser_key(key: ApiKey) -> bool:
    """May it speak of browsers only?"""
    return Scope.WRITE_CHOICES.value not in key.scopes


def content(body: Mapping[str, Any]) -> bytes:
    """What makes two calls the same: all but the key and the time of sending."""
    kept = {name: value for name, value in body.items() if name not in NOT_CONTENT}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


def _parts(body: Mapping[str, Any]) -> _Parts:
    context = _object(body, "context")
    outer, inner = _object(body, "traits"), _object(context, "traits", "context")
    agreed = _object(context, "consent", "context")
    given = (*inner.items(), *outer.items())
    return _Parts(
        body,
        {name: value for name, value in given if value is not None and value != ""},
        agreed,
        {
            "context.consent.categoryPreferences": agreed.get("categoryPreferences"),
            "context.traits.preferences": inner.get("preferences"),
            "traits.preferences": outer.get("preferences"),
        },
    )


def _ids(parts: _Parts, key: ApiKey) -> Iterator[Named]:
    if user := _text(parts.body, "userId"):
        yield named(IdentifierKind.EXTERNAL_ID, user, key.source.slug)
    if browser := _text(parts.body, "anonymousId"):
        yield named(IdentifierKind.ANONYMOUS_ID, browser)
    if "mrn" in parts.traits:
        yield naming.identifier(IdentifierKind.MRN, parts.traits["mrn"], source=key.source.slug)


def _addresses(traits: Mapping[str, Any]) -> tuple[list[Named], list[str]]:
    """A malformed address is left out with a word: an opt-out in the same call must count all the same."""
    found, problems = [], []
    for kind in naming.ADDRESSES:
        if kind.value in traits:
            try:
                found.append(naming.identifier(kind, traits[kind.value], source=""))
            except Malformed as malformed:
                problems.append(f"traits.{kind.value} was left out: {malformed.message}")
    return found, problems


def _attributes(traits: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    found, problems = {}, []
    for name, (pattern, example) in ATTRIBUTES.items():
        if name in traits:
            value = traits[name]
            text = value.strip() if isinstance(value, str) else ""
            text = text.upper() if name == "jurisdiction" else text
            if pattern.fullmatch(text):
                found[name] = text
            else:
                problems.append(f"traits.{name} was left out: it must be like {example}")
    return found, problems


def _notice(value: object) -> tuple[int | None, tuple[str, ...]]:
    if value is None:
        return None, ()
    match = _NOTICE.fullmatch(value) if isinstance(value, str) else None
    if match:
        numbered = Revision.objects.filter(kind=RevisionKind.NOTICE, key=match[1], number=match[2])
        if (found := numbered.values_list("id", flat=True).first()) is not None:
            return found, ()
    return None, ("context.consent.notice was left out: it names no published notice, like page@3",)


def _object(within: Mapping[str, Any], name: str, place: str = "") -> Mapping[str, Any]:
    value = within.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        path = f"{place}.{name}" if place else name
        raise Malformed(f"{path} must be an object", key=path)
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{name} must be text", key=name)
    return value.strip()
