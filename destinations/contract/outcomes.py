"""What one system must hold about one identifier, and how telling it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from destinations.contract.calls import Answer
from destinations.contract.held import Field, Held
from destinations.contract.listed import Listed


class Reason(StrEnum):
    """Why a delivery is where it is: the words that staff read stand in `destinations.terms`."""

    OK = ""
    UNCHANGED = "unchanged"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    NO_ANSWER = "no_answer"
    GARBLED = "garbled"
    PARTIAL = "partial"
    TURN_OVER = "turn_over"
    REJECTED_DATA = "rejected_data"
    REJECTED_CONFIG = "rejected_config"
    REJECTED_AUTH = "rejected_auth"
    AMBIGUOUS = "ambiguous"
    NEEDS_PERSON = "needs_person"
    TO_CONFIRM = "to_confirm"  # these three: an opt-in that the system takes from the person only (BackIn)
    FROM_HANDSET = "from_handset"
    BY_THEMSELVES = "by_themselves"
    BLOCKED = "blocked"
    BROKEN = "broken"
    BY_HAND = "by_hand"
    IN_HANDS = "in_hands"
    WITHHELD = "withheld"
    SHRANK = "shrank"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Done:
    """The vendor holds it. `absent`: it knows nobody like that. `held` replaces what was known of targets."""

    held: Mapping[str, Held] | None = None
    absent: bool = False
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Try again: after so many seconds, or when the backoff says. `unknown`: the vendor may have done it."""

    reason: Reason
    after: float | None = None
    detail: str = ""
    unknown: bool = False
    held: Mapping[str, Held] | None = None  # half done: what was written before it went wrong


@dataclass(frozen=True, slots=True)
class Job:
    """The vendor works on it: ask again with this token."""

    token: str
    after: float = 30.0


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing will change by itself: staff, or the person, must do something."""

    reason: Reason
    detail: str = ""
    held: Mapping[str, Held] | None = None


Outcome = Done | Later | Job | Stuck


@dataclass(frozen=True, slots=True)
class Identified:
    """An identifier in the clear, as a connector is handed it."""

    kind: str
    namespace: str
    value: str
    current: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one system must hold about one identifier, as of now."""

    id: str  # the propagation's UUID
    counter: int  # which `wanted` this delivery answers to
    digest: str  # of the payload
    now: datetime
    address: str = ""  # by address only
    identifiers: Sequence[Identified] = ()  # by person: all of theirs
    fields: Mapping[str, Field] = field(default_factory=dict)
    # By person: what a record must hold that is found by this address only, so may be several people's.
    fields_at: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    job: str = ""
    lists: Mapping[str, Listed] = field(default_factory=dict)  # `publishes_list`: all who are out, by target
    # `shared_records`: targets of which nothing is to be said, but that the lost call may have denied.
    perhaps: frozenset[str] = frozenset()
    unsure: bool = False  # an earlier call ended unknown: what stands there may be Heed's own

    def is_(self, outcome: Outcome) -> "Result":
        return Result(self, outcome)


class About(Protocol):
    """A Wanted, or a Forwarded."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Result:
    """How it went for one of those that a delivery was about."""

    wanted: About
    outcome: Outcome


class Refused(Exception):
    """Raised inside a delivery by an answer that ends it: for a connector to catch, nobody else sees it."""

    def __init__(self, outcome: Later | Stuck) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


Shape = TypeVar("Shape")


def by_status(answer: Answer, now: datetime | None = None) -> Later | Stuck:
    """What a refusal means where the vendor says no more than its status."""
    moment = now or datetime.now(UTC)
    match answer.status:
        case 429:
            return Later(Reason.THROTTLED, answer.retry_after(moment))
        case 408 | 425:
            return Later(Reason.UNAVAILABLE)
        case 401 | 403:
            return Stuck(Reason.REJECTED_AUTH, f"HTTP {answer.status}")
        case status if status >= 500:
            return Later(Reason.UNAVAILABLE, answer.retry_after(moment), f"HTTP {status}")
        case status if 200 <= status < 300:
            return Later(Reason.GARBLED, detail="the answer cannot be read")
        case status if 300 <= status < 400 or status in {404, 405, 410}:
            return Stuck(Reason.REJECTED_CONFIG, f"HTTP {status}")
    return Stuck(Reason.REJECTED_DATA, f"HTTP {answer.status}")


def read(answer: Answer, shape: type[Shape], now: datetime) -> Shape:
    """The body of an answer that says yes, in the shape that was expected; else Refused."""
    body = answer.json()
    if not answer.ok or not isinstance(body, shape):
        raise Refused(by_status(answer, now))
    return body
