"""An event as it was told, what is kept of it, and whom it is about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from destinations import sealing
from governance.allowed import Value
from preferences import identity
from preferences.identity import Held, Named
from preferences.terms import ADDRESS_KINDS, IdentifierKind
from preferences.written import written

USE = "event"
UNKNOWN = UUID(int=0)  # nobody holds it


@dataclass(frozen=True, slots=True)
class Tracked:
    """One call, parsed. `properties`: all that came, by path; None where it can't be kept."""

    kind: str
    name: str
    occurred_at: datetime
    identifiers: tuple[Named, ...]
    properties: Mapping[str, Value | None] = field(repr=False)
    content: bytes = field(repr=False)
    message_id: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What is kept of an event: the properties that were allowed, by path, and who was named."""

    properties: Mapping[str, Value] = field(repr=False)
    identifiers: tuple[Named, ...] = ()

    def sealed(self) -> bytes:
        """As it is stored."""
        named = [tuple(each) for each in self.identifiers]
        return sealing.seal(written({"properties": self.properties, "identifiers": named}), USE)


class Stored(Protocol):
    """An event, or whatever of it was read."""

    @property
    def body(self) -> Any: ...


def opened(event: Stored) -> Body | None:
    """What an event's row holds; None once it was destroyed. Raises sealing.Unreadable."""
    if event.body is None:
        return None
    kept = json.loads(sealing.unseal(bytes(event.body), USE))
    return Body(kept["properties"], tuple(Named(*each) for each in kept["identifiers"]))


@dataclass(frozen=True, slots=True)
class About:
    """Whom an event is about: every profile for which it must be judged, the strictest answer holding.

    `person` and `browser` are the identifiers that led there. `disagree`: they lead to different people.
    """

    people: frozenset[UUID] = frozenset()
    person: UUID | None = None
    browser: UUID | None = None
    disagree: bool = False


NOBODY = About()


def about(events: Sequence[Sequence[Named]]) -> list[About]:
    """For each event's identifiers, in order, whom they mean now (R10): two queries for all of them.

    Nobody is made, and whoever was merged into somebody else is still named by the old key.
    """
    found = identity.find({each for named in events for each in named})
    held = identity.read_holders(found.values()) if found else Held({}, {}, frozenset())
    return [_about(named, found, held) for named in events]


def _about(named: Iterable[Named], found: Mapping[Named, UUID], held: Held) -> About:
    if found.keys().isdisjoint(named):
        return NOBODY
    ids = {each: found.get(each, UNKNOWN) for each in named}
    match = identity.match(ids, held)
    browsers = [found[each] for each in ids if each.kind == IdentifierKind.ANONYMOUS_ID and each in found]
    numbers = [found[each] for each in ids if each.kind in identity.NUMBERS and each in found]
    addresses = [found[each] for each in ids if each.kind in ADDRESS_KINDS and each in found]
    people = {*match.people, *_holders(browsers, held)}
    if match.unplaced:
        people |= _holders(addresses, held)
    by_address = addresses if match.unplaced or match.people else []
    strong = [each for each in numbers if _holders([each], held)] or by_address or numbers
    second = browsers or [each for each in strong[1:] if _holders([each], held) - _holders(strong[:1], held)]
    known = people - held.anonymous
    return About(frozenset(people), _first(strong), _first(second), len(known) > 1 and not match.unplaced)


def _holders(ids: Iterable[UUID], held: Held) -> set[UUID]:
    return {holder for each in ids for holder in held.holders.get(each, ())}


def _first(ids: Sequence[UUID]) -> UUID | None:
    return ids[0] if ids else None
