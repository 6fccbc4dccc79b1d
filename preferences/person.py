"""A person as an answer sees them: what they chose, hold, and what protects them. Values, no queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from preferences.projection import Choices, Restrictions
from preferences.terms import ADDRESS_OF


@dataclass(frozen=True, slots=True)
class HeldIdentifier:
    """An identifier as it bears on answers: its restrictions, and whether it is still held.

    `confidential`: this person holds it only because an order of theirs names it.
    """

    id: UUID
    kind: str
    namespace: str = ""
    restrictions: Restrictions = field(default_factory=dict)
    current: bool = True
    version: int = 0
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """The only ways in which a person may be reached: pairs of channel and address (45 CFR 164.522(b)).

    A letter goes to an address that is no identifier: its pair has an empty one.
    """

    allowed: frozenset[tuple[str, str]]
    since: int = 0
    change: int = 0

    @classmethod
    def load(cls, kept: Mapping[str, Any] | None) -> "Order | None":
        """As it is kept on the person's row."""
        if kept is None:
            return None
        return cls(frozenset((channel, pk) for channel, pk in kept["allowed"]), kept["since"], kept["change"])

    def allows(self, channel: str, addresses: Collection[HeldIdentifier]) -> bool:
        """All of these addresses; without any, the channel by itself."""
        if addresses:
            return all((channel, str(each.id)) in self.allowed for each in addresses)
        return any(channel == allowed for allowed, _ in self.allowed)


@dataclass(frozen=True, slots=True)
class Person:
    """All about a person that an answer may depend on."""

    id: UUID
    choices: Choices
    jurisdiction: str = ""
    language: str = ""
    deceased: bool = False
    pauses: Mapping[str, Sequence[int]] = field(default_factory=dict)
    version: int = 0
    held: tuple[HeldIdentifier, ...] = ()
    order: Order | None = None
    also_in: tuple[str, ...] = ()  # where records that are this person's too say that they live; "": unknown

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Wherever they may live: a default holds only where it holds in all of these (R10, R13)."""
        return (self.jurisdiction, *self.also_in)

    @property
    def is_silent(self) -> bool:
        """Nobody has said anything that could deny: whatever is asked, a default is the answer."""
        said = self.choices or self.pauses or self.deceased or self.order
        return not said and not any(each.restrictions for each in self.held)

    def addresses(self, channel: str) -> tuple[HeldIdentifier, ...]:
        """The person's current addresses of a channel."""
        kind = ADDRESS_OF.get(channel)
        return tuple(each for each in self.held if each.current and each.kind == kind)

    def seen_version(self) -> str:
        """Grows with everything recorded about the person or an address of theirs."""
        return f"{self.version}.{sum(each.version for each in self.held)}"
