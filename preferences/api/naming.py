"""Whom a request names: identifiers as partners write them."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from preferences.api.reading import readable
from preferences.errors import Malformed
from preferences.identity import Named, named
from preferences.terms import IdentifierKind

LONGEST_NAMESPACE = 50
LONGEST_SLUG = 100
ADDRESSES = (IdentifierKind.EMAIL, IdentifierKind.PHONE)
# By these a person can be named; the second word is what an object calls the namespace.
NUMBERS: Mapping[str, str] = {IdentifierKind.MRN: "authority", IdentifierKind.EXTERNAL_ID: "source"}
_NAMESPACE = re.compile(r"[^\s|\x00-\x1f\x7f]+(?: [^\s|\x00-\x1f\x7f]+)*")


def identifier(kind: str, value: object, *, source: str) -> Named:
    """One identifier. `source` is the namespace of external ids that name none. Raises Malformed."""
    if kind in NUMBERS:
        return _number(kind, value, source)
    return named(kind, _text(kind, value))


def only_one(given: Mapping[str, Any], allowed: Collection[str]) -> tuple[str, Any]:
    """The one of these that is given. Raises Malformed for none and for several."""
    found = [(kind, given[kind]) for kind in allowed if given.get(kind) is not None]
    if len(found) != 1:
        raise Malformed(f"give exactly one of {', '.join(allowed)}")
    return found[0]


def only(given: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raises Malformed for anything else: it is a slip in the name of one of these."""
    for name in given:
        if name not in allowed:
            raise Malformed(f"there is no {name[:50]!r} here; there are {', '.join(allowed)}", key=name[:50])


def address(value: object) -> Named | None:
    """Where a message goes, `{"email": …}` or `{"phone": …}`; None where it is not said. Raises Malformed."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Malformed("to is an object: an email or a phone", key="to")
    kind, text = only_one(value, [each.value for each in ADDRESSES])
    return identifier(kind, text, source="")


def slug(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """The name of a category or channel. Raises Malformed."""
    value = body.get(name)
    value = default if value is None else value
    if not isinstance(value, str) or len(value) > LONGEST_SLUG:
        raise Malformed(f"{name} must be a slug", key=name)
    return readable(value)


def uuid(value: object) -> UUID:
    """Raises Malformed."""
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise Malformed("a profile is named by its UUID") from None


def _number(kind: str, value: object, source: str) -> Named:
    word = NUMBERS[kind]
    namespace = settings.HEED_MRN_AUTHORITY if kind == IdentifierKind.MRN else source
    if isinstance(value, dict):
        namespace = _text(f"{kind}.{word}", value[word]) if value.get(word) is not None else namespace
        value = value.get("value")
    namespace = namespace.strip()
    if len(namespace) > LONGEST_NAMESPACE or not _NAMESPACE.fullmatch(namespace):
        raise Malformed(f"{kind}.{word} must have 1 to {LONGEST_NAMESPACE} characters, none of them |")
    return named(kind, _text(kind, value), namespace)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{name} must be text")
    return readable(value)
