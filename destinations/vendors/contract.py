"""What a vendor says to us: a class that proves who is calling, takes a call apart, and reads each event.

A vendor opens no socket and imports no Django. The room's webhooks keep the raw events before they answer;
`destinations.services.hearing` applies them afterwards.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from destinations.contract import Answer, Call, Glyph, Job, Later, Result, Setting, Settings, Steps, Stuck

CLOCKS_DIFFER = 300  # seconds: an older or newer signature is refused (Standard Webhooks, HubSpot v3)


class Meaning(StrEnum):
    """What an event means for the person. The words that staff read stand in `destinations.terms`."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    STOP = "stop"
    START = "start"
    HELP = "help"
    TEXT = "text"  # a text message that the vendor did not read: the classifier does
    DO_NOT_CALL = "do_not_call"
    CALL_AGAIN = "call_again"  # taken off a do-not-call list
    UNREACHABLE = "unreachable"  # the address does not work: nobody said no
    MOVED = "moved"  # the person has another address now
    DECEASED = "deceased"
    MERGED = "merged"
    REPORT = "report"  # what became of a text of ours
    NOTHING = "nothing"
    UNKNOWN = "unknown"  # kept and shown


@dataclass(frozen=True, slots=True)
class Who:
    """An identifier as the vendor writes it."""

    kind: str
    value: str = field(repr=False)
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that an event says. `event` is the vendor's own word for it, never content.

    `target`: which of the connector's targets it is about (a group, a field): the mapper in force says which
    category that is. `choices`: category and channel, where the vendor names ours. Neither: all there.
    `occurred` None: by the vendor's clock nothing is known, ours counts.
    """

    meaning: Meaning
    event: str
    who: tuple[Who, ...] = ()
    occurred: datetime | None = None
    target: str = ""
    choices: tuple[tuple[str, str, bool], ...] = ()  # category, channel, opted in?
    new: Who | None = None  # the address that came instead
    text: str = field(default="", repr=False)
    to: str = field(default="", repr=False)  # which of our numbers a text was sent to
    ours: bool = False  # the vendor says that this is our own write coming back, or no word of the person
    theirs: bool = False  # the vendor says that somebody else did it, however near to a write of ours
    program: bool = False  # a program did it, not a person: where our own no stands, it is that coming back
    restates: bool = False  # how a record stands, not that somebody did something: news only where it differs
    report: tuple[str, str, str] = ("", "", "")  # the vendor's name for a text of ours, its status, its fault
    key: str = ""  # under which the connector keeps what it knows of the target, where records have their own
    undated: bool = False  # it gave a date that cannot be read: what gives back may be older than a no (R2)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP call, as it came. `url` is the public one, which some vendors sign."""

    method: str
    url: str
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in lower case
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def json(self) -> Any:
        """The parsed body. Raises Unreadable."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Unreadable("the body is no JSON") from None
        except RecursionError:
            raise Unreadable("the body is nested too deeply") from None


@dataclass(frozen=True, slots=True)
class Item:
    """One event of a call, still raw. `key` tells it from others: the vendor's own id, where it has one."""

    key: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the vendor wants to hear once everything is kept."""

    status: int = 200
    content: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Text:
    """A text message of ours, to be sent. `reports_to`: where the vendor tells what became of it.

    `since`: an earlier call, begun then, may have sent it: the vendor is asked first. `others`: the vendor's
    names for texts that this is not. `sender`: which of our numbers, where it matters.
    """

    to: str = field(repr=False)
    words: str = field(repr=False)
    reports_to: str = ""
    since: datetime | None = None
    others: frozenset[str] = frozenset()
    sender: str = ""


Sent = Job | Later | Stuck  # Job: the vendor has it, and calls it so


Returned = TypeVar("Returned")


Polling = Generator[Call | Result | Item, Answer | None, Returned]  # a part of a poll, for `yield from`


Poll = Polling[str]


class NotAuthentic(Exception):
    """The call does not prove that it comes from the vendor, or not from now. Says why, for staff."""


class Unreadable(Exception):
    """A call or an event that is not what the vendor's documentation says."""


def event_of(content: bytes) -> Mapping[str, Any]:
    """One event of a list, which holds what the vendor put there. Raises Unreadable."""
    event = json.loads(content)
    if not isinstance(event, dict):
        raise Unreadable("an event is an object")
    return event


class Vendor(ABC):
    """One kind of system that tells us."""

    slug: ClassVar[str]
    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Setting]]
    glyph: ClassVar[Glyph] = Glyph.WEB  # what staff see beside its name
    connector: ClassVar[str] = ""  # whose targets its events name
    largest: ClassVar[int] = 1_000_000  # bytes of one call
    reply: ClassVar[Reply] = Reply()
    answers_get: ClassVar[bool] = False  # the vendor first tries the address with a GET
    polls: ClassVar[bool] = False  # it calls nobody: it is asked for what has changed
    resolves: ClassVar[bool] = False  # its events leave out what the system must be asked for
    may_call: ClassVar[Sequence[str]] = ()  # `send` only: `METHOD /path/*`

    @abstractmethod
    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        """Prove over the raw body who is calling. Raises NotAuthentic."""

    @abstractmethod
    def split(self, call: Incoming) -> Sequence[Item]:
        """Every event of a call. Raises Unreadable: then none is kept, and the vendor calls again."""

    @abstractmethod
    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        """What one event says; UNKNOWN for kinds that nobody has thought of. Raises Unreadable.

        `settings` also hold those of the system, where it is one that Heed tells: its groups by name, say.
        """

    def resolve(self, content: bytes, settings: Settings) -> Steps[bytes]:
        """The event with what it leaves out: Calls that only read, with the system's settings.

        May raise Refused.
        """
        yield from ()
        return content

    def poll(self, cursor: str, settings: Settings, now: datetime, *, unsure: bool) -> Poll:
        """Calls that ask for what has changed since, and Items; returns the cursor to go on from.

        `unsure`: it was asked from there before, and nobody knows what of the answers was kept.
        `settings` are the system's. What was yielded is kept before the next Call goes out; the cursor only
        at the end, so whatever was lost must be found again from the old one. May raise Refused.
        """
        yield from ()
        return cursor

    def problem(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
        """What is wrong with how a connection is set up, in words; empty where nothing is."""
        return ""

    def sends(self, settings: Settings) -> bool:
        """Is it set up to send texts of ours?"""
        return False

    def send(self, text: Text, settings: Settings) -> Steps[Sent]:
        """Calls that send one text message, where `sends`. May raise Refused."""
        yield from ()
        raise NotImplementedError

    @classmethod
    def secrets(cls) -> frozenset[str]:
        return frozenset(name for name, setting in cls.settings.items() if setting.secret)
