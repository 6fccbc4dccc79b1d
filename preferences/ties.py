"""Who turned out to be whom, by what the entries of people's chains say (R10)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

Entry = Mapping[str, Any]


class Entered(NamedTuple):
    """One change as replaying needs it."""

    id: int
    source: int
    recorded_at: int  # µs since 1970, UTC
    entries: Sequence[Entry]


Chains = Mapping[UUID, Sequence[Entered]]


@dataclass(slots=True)
class Ties:
    """What one chain says: who turned out to be this person and who parted again, by which change."""

    parts: dict[UUID, int] = field(default_factory=dict)
    left: dict[UUID, int] = field(default_factory=dict)
    into: UUID | None = None


def folded(into: UUID) -> Entry:
    """On the chain of whoever turned out to be another."""
    return {"do": "folded", "into": str(into)}


def merged(person: UUID) -> Entry:
    """On the chain of whom somebody known turned out to be: both records said where they live."""
    return {"do": "fold", "from": str(person), "known": True}


def ties(changes: Sequence[Entered]) -> Ties:
    """Read one chain."""
    found = Ties()
    for change in changes:
        for entry in change.entries:
            match entry["do"]:
                case "fold":
                    found.parts[UUID(entry["from"])] = change.id
                case "part":
                    found.left[UUID(entry["from"])] = change.id
                case "folded":
                    found.into = UUID(entry["into"])
                case "parted":
                    found.into = None
    return found


def group(person: UUID, chains: Chains) -> dict[UUID, int]:
    """Everybody who is this person, with the change that made them so (0 for the person). No circles."""
    left: dict[UUID, int] = {}
    found, todo = {person: 0}, [person]
    while todo:
        own = ties(chains.get(todo.pop(0), ()))
        left |= {part: max(by, left.get(part, 0)) for part, by in own.left.items()}
        new = {part: by for part, by in own.parts.items() if part not in found and by > left.get(part, 0)}
        found |= new
        todo += new
    return found


def unread(chains: Chains) -> set[UUID]:
    """People whom these chains speak of as parts, and whose own are not among them."""
    return {part for changes in chains.values() for part in ties(changes).parts} - chains.keys()


def survivor(person: UUID, chains: Chains) -> UUID:
    """Whom somebody is part of, by chains that hold everybody on the way."""
    seen: set[UUID] = set()
    while person not in seen:
        seen.add(person)
        person = ties(chains.get(person, ())).into or person
    return person


def in_order(members: Collection[UUID], chains: Chains) -> Iterator[tuple[UUID, Entered]]:
    """The changes of several chains as they were recorded, each with whose it is."""
    everything = [(change.id, owner, change) for owner in members for change in chains.get(owner, ())]
    return ((owner, change) for _, owner, change in sorted(everything))
