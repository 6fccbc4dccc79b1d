"""Whole lists: for systems that are told by a file of everyone who is out, and as systems show theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

FEW = 20  # fewer lines than these may go missing from a list of any length, as with a blast radius


@dataclass(frozen=True, slots=True)
class Listed:
    """Everyone who is out of one target now. `published`: how many there were when it last left."""

    addresses: Sequence[str] = field(repr=False)
    published: int | None = None
    shrinks_by: int = 10  # per cent that may go missing from one time to the next
    email: bool | None = None  # a list of email addresses, or of numbers; None: either

    def takes(self, address: str) -> bool:
        """Is that an address that may stand on it at all?"""
        return self.email in (None, "@" in address)

    @property
    def lost_too_many(self) -> bool:
        """A list that was cut off would turn people on again."""
        before = self.published or 0
        lost = before - len(self.addresses)
        return lost >= FEW and lost > before * self.shrinks_by / 100


@dataclass(frozen=True, slots=True)
class Page:
    """Who is out at a system: an address, and the targets that its list stands for.

    `after`: where it goes on; empty at the end. It is kept between pages, so it names nobody.
    """

    out: Sequence[tuple[Sequence[str], str]] = field(repr=False)
    after: str = ""
