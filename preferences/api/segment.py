"""A call in Segment's words, turned into ours: who is meant, and what they chose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preferences.api import consent, moments, naming, traits
from preferences.api.reading import TOO_DEEP
from preferences.errors import Forbidden, Malformed
from preferences.identity import Named, named
from preferences.models import ApiKey
from preferences.services import Call, Said
from preferences.services.signalling import KINDS
from preferences.terms import Actor, IdentifierKind, Scope
from preferences.written import written

NOT_CONTENT = ("writeKey", "sentAt")
GPC = "gpc"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a call that say something to Heed."""

    body: Mapping[str, Any]
    traits: Mapping[str, Any]
    consent: Mapping[str, Any]
    places: Mapping[str, Any]


def heard(body: Mapping[str, Any], key: ApiKey, now: datetime, sent_at: object = None) -> tuple[Call, Said]:
    """What was said, and how. Raises Malformed, Forbidden."""
    parts = parts_of(body)
    browser_only = is_browser_key(key)
    if browser_only:
        _check_names_nobody(parts)
    choices, contradictions = consent.choices(parts.places)
    occurred, too_early = moments.occurred(body, body.get("sentAt", sent_at), now)
    addresses, unreadable = traits.addresses(parts.traits)
    attributes, odd = traits.attributes(parts.traits)
    notice_id, no_notice = traits.notice(parts.consent.get("notice"), "context.consent.notice")
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


def who(parts: Parts, key: ApiKey) -> tuple[tuple[Named, ...], tuple[str, ...]]:
    """Whom a call names, and what of that could not be read. Raises Malformed; Forbidden for a website's key.

    A key for events alone is a server's, and may name people.
    """
    if is_browser_key(key) and Scope.WRITE_ANONYMOUS.value in key.scopes:
        _check_names_nobody(parts)
    addresses, unreadable = traits.addresses(parts.traits)
    return (*_ids(parts, key), *addresses), tuple(unreadable)


def says_choices(parts: Parts) -> bool:
    """Does a call carry what somebody chose?"""
    return any(given is not None for given in parts.places.values())


def _check_names_nobody(parts: Parts) -> None:
    named = parts.body.get("userId") is not None or any(each in parts.traits for each in traits.NAMING)
    if named:
        raise Forbidden("this key is for browsers: send anonymousId, and nothing that names a person")


def is_browser_key(key: ApiKey) -> bool:
    """May it speak of browsers only?"""
    return Scope.WRITE_CHOICES.value not in key.scopes


def signal(body: Mapping[str, Any]) -> str:
    """The privacy signal that a call passes on; empty where there is none. Raises Malformed."""
    kind = _object(body, "context").get("privacySignal")
    if kind is None:
        return ""
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed(
            f"context.privacySignal is one of {', '.join(sorted(KINDS))}", key="context.privacySignal"
        )
    return kind


def header_signal(headers: Mapping[str, Any], key: ApiKey) -> str:
    """A browser's own Global Privacy Control. From anything but a browser the header is about nobody."""
    return GPC if is_browser_key(key) and headers.get("HTTP_SEC_GPC", "").strip() == "1" else ""


def content(body: Mapping[str, Any]) -> bytes:
    """What makes two calls the same: all but the key and the time of sending.

    Raises Malformed: what can just be read may be nested too deeply to be written.
    """
    kept = {name: value for name, value in body.items() if name not in NOT_CONTENT}
    try:
        return written(kept, in_order=True)
    except RecursionError:
        raise Malformed(TOO_DEEP) from None


def parts_of(body: Mapping[str, Any]) -> Parts:
    """Raises Malformed."""
    context = _object(body, "context")
    outer, inner = _object(body, "traits"), _object(context, "traits", "context")
    agreed = _object(context, "consent", "context")
    given = (*inner.items(), *outer.items())
    return Parts(
        body,
        {name: value for name, value in given if value is not None and value != ""},
        agreed,
        {
            "context.consent.categoryPreferences": agreed.get("categoryPreferences"),
            "context.traits.preferences": inner.get("preferences"),
            "traits.preferences": outer.get("preferences"),
        },
    )


def _ids(parts: Parts, key: ApiKey) -> Iterator[Named]:
    if user := _text(parts.body, "userId"):
        yield named(IdentifierKind.EXTERNAL_ID, user, key.source.slug)
    if browser := _text(parts.body, "anonymousId"):
        yield named(IdentifierKind.ANONYMOUS_ID, browser)
    if "mrn" in parts.traits:
        yield naming.identifier(IdentifierKind.MRN, parts.traits["mrn"], source=key.source.slug)


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
