"""What was said and done in a history, as a notebook would have it: facts only, nothing about what follows.

`tests.preferences.resolver` reads it by DESIGN section 4 alone; `tests.preferences.histories` writes it while
it does the same to Heed. Times are instants; people are named by their number in the history.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing, at the moment when it was recorded. `number` counts from 0 and never changes."""

    number: int
    recorded: datetime


@dataclass(frozen=True, kw_only=True)
class Known(Fact):
    """A source (`ehr`, `crm`) names a person by addresses; they replace what it gave before of that kind."""

    person: int
    source: str
    addresses: tuple[tuple[str, str], ...] = ()  # ("email" | "phone", value)
    jurisdiction: str = ""
    verified: bool = False


@dataclass(frozen=True, kw_only=True)
class Chose(Fact):
    """Said by or for a person, named by their own page or number. One `Chose` is one change."""

    person: int
    choices: tuple[tuple[str, str, bool], ...]  # category, channel ("" for a use of data), opts in
    occurred: datetime
    own_word: bool  # the person on the page, or a source that speaks for them
    notice: bool = False
    second_step: bool = False
    proxy: int | None = None  # who chose for them
    despite: bool = False  # they were told of the privacy signal, and confirmed


@dataclass(frozen=True, kw_only=True)
class Signalled(Fact):
    """The person's browser sent the privacy signal."""

    person: int


@dataclass(frozen=True, kw_only=True)
class Restricted(Fact):
    """STOP, do-not-call or suppressed, set or lifted at an address."""

    kind: str
    address: tuple[str, str]
    category: str
    is_set: bool
    occurred: datetime


@dataclass(frozen=True, kw_only=True)
class Paused(Fact):
    """Until then; `until` None: ended by the person now."""

    person: int
    category: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Ordered(Fact):
    """The only ways: (channel, (kind, value)), a letter's address is ("", ""). None: the order ended."""

    person: int
    allowed: tuple[tuple[str, tuple[str, str]], ...] | None


@dataclass(frozen=True, kw_only=True)
class Died(Fact):
    """Reported dead, or (False) corrected by staff."""

    person: int
    died: bool


@dataclass(frozen=True, kw_only=True)
class Granted(Fact):
    """Somebody may choose for a person, from (included) until (excluded)."""

    person: int
    proxy: int
    starts: datetime
    ends: datetime
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Revoked(Fact):
    """That grant ends now."""

    grant: int  # the number of the Granted


@dataclass(frozen=True, kw_only=True)
class Merged(Fact):
    """From now on both are one person, who answers to either number."""

    survivor: int
    other: int


@dataclass(frozen=True, kw_only=True)
class Parted(Fact):
    """The merge by which `person` became part of another is undone."""

    person: int


@dataclass(frozen=True, kw_only=True)
class SwitchedOff(Fact):
    """Every link to that person's page that was made by now."""

    person: int


@dataclass(frozen=True, kw_only=True)
class Voided(Fact):
    """That fact was recorded in error."""

    fact: int


@dataclass(frozen=True, kw_only=True)
class Published(Fact):
    """A category as it is from now on (the body of its revision)."""

    slug: str
    body: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, kw_only=True)
class Question:
    """May this be sent to this person (`at`: as known then), to that address if one is given?"""

    person: int
    category: str
    channel: str
    at: datetime
    to: tuple[str, str] | None = None
