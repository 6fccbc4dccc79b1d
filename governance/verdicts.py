"""What a policy says of one event at one system."""

from collections.abc import Mapping
from typing import NamedTuple

from governance.allowed import AllowedEvent
from governance.matching import Properties
from governance.rules import Redaction
from governance.terms import Because, Outcome


class Place(NamedTuple):
    """A system as rules see it."""

    slug: str
    purpose: str
    has_agreement: bool


class EventSeen(NamedTuple):
    """An event that came. `allowed`: as the allow list has it now; None where it was taken off."""

    name: str
    properties: Properties
    allowed: AllowedEvent | None


class Verdict(NamedTuple):
    """What becomes of one event at one system; with the facts about the person it can be explained later.

    `rules`: the ids of those that decided, and of those that redact what goes. `redactions`: per property of
    the event that a rule redacts, whether it came this time or not. `hits`: which rules apply, see
    `Compiled.hits`. `policy` and `event`: the numbers of the revisions that were asked.
    """

    outcome: Outcome
    because: Because
    rules: tuple[str, ...]
    redactions: Mapping[str, Redaction]
    hits: int
    policy: int
    event: int

    @property
    def released(self) -> bool:
        """Does it go there, redacted or not?"""
        return self.outcome != Outcome.BLOCK
