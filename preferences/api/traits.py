"""What the traits of an identify call say about a person, and what of it had to be left out."""

import re
from collections.abc import Mapping
from typing import Any

from preferences.api import naming
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.models import Revision
from preferences.terms import RevisionKind

NAMING = ("email", "phone", "mrn")
ATTRIBUTES = {
    "jurisdiction": (re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"), "US-CA"),
    "language": (re.compile(r"(?=.{2,16}$)[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,1}"), "en or es-MX"),
}
_NOTICE = re.compile(r"(.{1,100})@([1-9]\d{0,8})", re.DOTALL)


def addresses(traits: Mapping[str, Any]) -> tuple[list[Named], list[str]]:
    """A malformed address is left out with a word: an opt-out in the same call must count all the same."""
    found, problems = [], []
    for kind in naming.ADDRESSES:
        if kind.value in traits:
            try:
                found.append(naming.identifier(kind, traits[kind.value], source=""))
            except Malformed as malformed:
                problems.append(f"traits.{kind.value} was left out: {malformed.message}")
    return found, problems


def attributes(traits: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Where the person lives, and the language they read."""
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


def notice(value: object, place: str) -> tuple[int | None, tuple[str, ...]]:
    """The notice that a person was shown, named like `page@3`. A query only where one is named."""
    if value is None:
        return None, ()
    match = _NOTICE.fullmatch(value) if isinstance(value, str) else None
    if match:
        numbered = Revision.objects.filter(kind=RevisionKind.NOTICE, key=match[1], number=match[2])
        if (found := numbered.values_list("id", flat=True).first()) is not None:
            return found, ()
    return None, (f"{place} was left out: it names no published notice, like page@3",)
