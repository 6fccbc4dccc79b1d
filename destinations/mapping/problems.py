"""What is wrong with a mapper, and what must be known of a system to see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from destinations.contract import Connector, Kind
from preferences.catalogue import Catalogue

KINDS = {
    Kind.ANSWER: "a person's answer as it is",
    Kind.YES_NO: "a yes or no",
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.LIST: "a list",
}


class Wrong(Exception):
    """Raised inside a check, with a sentence for whoever edits the mapper."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must be put right; row 0 is the mapper as a whole."""

    row: int
    words: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.words}" if self.row else self.words


@dataclass(frozen=True, slots=True)
class System:
    """The system that a mapper is for. `authority` gives record numbers, `sources` give external ids.

    `named`: per setting of many lines, the names that staff gave there. `standing`: sources of the rows
    in force; they may stay though their category is retired: a row that goes takes back what it wrote.
    """

    name: str
    connector: Connector
    is_advertising: bool
    has_agreement: bool
    reserved: frozenset[str]
    catalogue: Catalogue
    authority: str
    sources: frozenset[str]
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()

    @property
    def namespaces(self) -> frozenset[str]:
        return self.sources | {self.authority}


def listed(words: Iterable[str]) -> str:
    """One, two or three."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
