"""Whole lists: for systems that are told by a file of everyone who is out, and as systems show theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

FEW = 20  # fewer than these may go missing from a list of any length, as with a blast radius


@dataclass(frozen=True, slots=True)
class Listed:
    """Everyone who is out of one target now. `published`: how many there were when it last left.

    `gone`: how many of those who stand on it as it last left are out no longer, and nobody has agreed to it.
    It is people that count, not lines: as many others may have come. `kept`: those who can be written.
    """

    addresses: Sequence[str] = field(repr=False)
    published: int | None = None
    shrinks_by: int = 10  # per cent that may go missing from one time to the next
    email: bool | None = None  # a list of email addresses, or of numbers; None: either
    gone: int = 0
    kept: Sequence[str] = field(default=(), repr=False)

    def takes(self, address: str) -> bool:
        """Is that an address that may stand on it at all?"""
        return self.email in (None, "@" in address)

    @property
    def lost_too_many(self) -> bool:
        """A list that was cut off would turn people on again."""
        return self._too_many(self.gone)

    @property
    def leaves(self) -> bool:
        """One that lost too many leaves for whoever is new on it, if it takes off nobody by that."""
        return not self._too_many(self.gone - len(self.kept))

    @property
    def leaving(self) -> Sequence[str]:
        """Who stands on it as it leaves: whoever is missing stays, until somebody agrees."""
        return sorted({*self.addresses, *self.kept}) if self.lost_too_many else self.addresses

    def _too_many(self, lost: int) -> bool:
        if self.published is None:
            return False
        return lost >= FEW and lost > self.published * self.shrinks_by / 100


@dataclass(frozen=True, slots=True)
class Page:
    """Who is out at a system: an address, and the targets that its list stands for.

    `after`: where it goes on; empty at the end. It is kept between pages, so it names nobody.
    """

    out: Sequence[tuple[Sequence[str], str]] = field(repr=False)
    after: str = ""
