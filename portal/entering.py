"""What is shown where an address or a code is entered. `problem` is empty where nothing is wrong."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AskPage:
    """Where somebody enters the address that their code is to go to."""

    texts: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """Where they enter the code. `to`: the address, masked; `left`: tries, where one was wrong."""

    to: str
    action: str
    problem: str = ""
    left: int = 0


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """At which of their own addresses a person wants the code: key and masked, the first one picked."""

    addresses: tuple[tuple[UUID, str], ...]
    problem: str = ""
