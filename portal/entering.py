"""What is shown where an address or a code is entered. `problem` is empty where nothing is wrong."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.html import format_html

LONGEST = 320  # characters, as the fields allow


@dataclass(frozen=True, slots=True)
class AskPage:
    """Where somebody enters the address that their code is to go to."""

    texts: bool
    problem: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """Where they enter the code. `to`: the address, masked; whole where they have just typed it as theirs.

    `left`: tries, where one was wrong. `change`: the page on which it is typed anew.
    """

    to: str
    action: str
    problem: str = ""
    left: int = 0
    change: str = ""

    @property
    def shown(self) -> str:
        """From left to right, on a page that runs from right to left too."""
        return format_html('<bdi dir="ltr">{}</bdi>', self.to)

    @property
    def by_mail(self) -> bool:
        """Mail may have been taken for spam, and nobody sends STOP by it."""
        return "@" in self.to


def to_show_again(given: str) -> str:
    """What somebody entered and is to correct: nobody has to type it all anew."""
    return given if given.isprintable() and len(given) <= LONGEST else ""


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """At which of their own addresses a person wants the code: key and masked, the first one picked.

    `kept`: what was filled in waits for it. `shared`: they came by a code at an address of several people.
    """

    addresses: tuple[tuple[UUID, str], ...]
    problem: str = ""
    kept: bool = False
    shared: bool = False
