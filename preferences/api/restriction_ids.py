"""What a restriction is called: made of whom it is on and what it denies, readable by nobody.

The key of its subject, and eight bytes of SHA-256 over that and what is denied. So it needs no row, survives
a rotation of keys, and names neither an address nor a category in a URL (R20).
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from preferences import projection, selectors
from preferences.errors import NotFound
from preferences.terms import RestrictionKind

BYTES, DIGEST = 24, 8
ON_PEOPLE = (RestrictionKind.ORDER, RestrictionKind.DECEASED)
PATTERN = "^[A-Za-z0-9_-]{32}$"


@dataclass(frozen=True, slots=True)
class Known:
    """A restriction that is or was: on whom, and what it denies."""

    subject: UUID
    kind: RestrictionKind
    category: str = ""
    channel: str = ""
    in_force: bool = True


def of(subject: UUID, denial: str) -> str:
    """`denial` is a kind, or on an address `kind:category:channel`."""
    digest = hashlib.sha256(subject.bytes + denial.encode()).digest()[:DIGEST]
    return base64.urlsafe_b64encode(subject.bytes + digest).decode()


def known_by(name: str) -> Known:
    """Raises NotFound."""
    subject = _subject(name)
    kind = next((each for each in ON_PEOPLE if of(subject, each.value) == name), None)
    if kind:
        return Known(subject, kind, in_force=_holds(subject, kind))
    found = selectors.identifiers([subject]).get(subject)
    for denial, value in _matching(name, subject, projection.denials(found.restrictions) if found else ()):
        of_kind, category, channel = denial.split(":")
        return Known(subject, RestrictionKind(of_kind), category, channel, projection.in_force(value))
    raise NotFound("there is no such restriction: its id is in the answer of POST /v1/restrictions")


def _holds(subject: UUID, kind: RestrictionKind) -> bool:
    """Of an order the service says whether there is one to end, once it knows who asks."""
    if kind == RestrictionKind.ORDER:
        return True
    survivors = selectors.survivors([subject]).values()
    return any(person.deceased for person in selectors.people(survivors).values())


def _matching(
    name: str, subject: UUID, restrictions: Iterable[tuple[str, list[int]]]
) -> Iterable[tuple[str, list[int]]]:
    return ((denial, value) for denial, value in restrictions if of(subject, denial) == name)


def _subject(name: str) -> UUID:
    try:
        decoded = base64.b64decode(name, altchars=b"-_", validate=True)
    except ValueError:
        decoded = b""
    return UUID(bytes=decoded[:16]) if len(decoded) == BYTES else UUID(int=0)
