"""An identify call as it was read, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from preferences.identity import Named
from preferences.services.recording import NotCounted
from preferences.services.said import Choice
from preferences.terms import State


@dataclass(frozen=True, slots=True)
class Call:
    """One identify call, parsed. `problems`: parts that could not be read; the rest counts all the same."""

    identifiers: tuple[Named, ...]
    choices: tuple[Choice, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""
    content: bytes = field(default=b"", repr=False)
    problems: tuple[str, ...] = ()

    @property
    def opt_outs(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices if choice.state == State.OUT)

    @property
    def opts_out(self) -> bool:
        return bool(self.opt_outs)


@dataclass(slots=True)
class Outcome:
    """What came of a call. `held_on_address`: an opt-out kept on the address, for whoever holds it."""

    profile_id: UUID | None = None
    version: int = 0
    duplicate: bool = False
    changed: bool = False
    held_on_address: bool = False
    possible_duplicate: bool = False
    not_counted: list[NotCounted] = field(default_factory=list)
    problems: tuple[str, ...] = ()
