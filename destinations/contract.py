"""What a connector is: facts about an outside system, and a generator that says what to call.

A connector opens no socket and imports no Django: `deliver` yields Calls, is sent Answers, and yields one
Result per Wanted. The engine (`destinations.delivery`) owns leases, deadlines, retries, pools and records.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar


class By(StrEnum):
    """How a system addresses people: never both."""

    ADDRESS = "address"  # one row per email or phone
    PERSON = "person"  # one row per person, who is handed over with all identifiers


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
    BLOCKED = "blocked"
    BROKEN = "broken"
    BY_HAND = "by_hand"


class Kind(StrEnum):
    """What a mapper's row holds on its way from source to target."""

    ANSWER = "answer"  # a person's answer as it is: True where they are out
    YES_NO = "yes_no"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a mapper's rows may point at one kind of system; `shape` is matched by the whole path.

    `facts`: it may hold a plain fact too, a language for instance. `only`: sources, by how they begin.
    """

    shape: str
    example: str
    words: str
    takes: frozenset[Kind]
    facts: bool = False
    only: tuple[str, ...] = ()

    def fits(self, path: str) -> bool:
        return re.fullmatch(self.shape, path) is not None


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing staff fill in. Form, checks, docs and the list of what is redacted are derived from it."""

    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: Any = ""
    many: bool = False  # a map: one `name: value` a line


class Settings:
    """One destination's settings, by attribute; `memory` outlives a delivery (tokens), not the process.

    `reads_back`: what is written shall be read again, so that it counts as verified.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        memory: MutableMapping[str, Any] | None = None,
        *,
        reads_back: bool = False,
    ) -> None:
        self.values, self.reads_back = values, reads_back
        self.memory: MutableMapping[str, Any] = {} if memory is None else memory

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"no setting {name!r}") from None


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `base` replaces the destination's base URL (a token service, a sign-in's answer)."""

    method: str
    path: str
    json: Any = None
    form: Mapping[str, str] | None = None
    body: bytes | None = None
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    # By Wanted id, read only where the answer is lost: what is then known of targets, this write included.
    claims: Mapping[str, Mapping[str, "Held"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. A call that got no answer never reaches the connector."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The parsed body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait (RFC 9110, section 10.2.3: seconds or a date); None where it is not said."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdigit():
            return float(value)
        try:
            return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Field:
    """What one target must say: the value to write, and what it means for the person.

    `denies` None: leave whatever stands there, unless it is a `fact`, which is written as it is. A target
    without a Field is one that nobody was asked about. `otherwise`: what it says once a denial is over.
    """

    value: Any
    denies: bool | None
    since: datetime | None = None
    because: str = ""
    otherwise: Any = False
    fact: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What Heed knows of one target at the vendor."""

    wrote: bool = False  # Heed's denial stands there
    before: bool | None = None  # denied before Heed's first write? None: unknown
    because: str = ""
    at: str = ""  # when Heed last confirmed it
    seen: str = ""  # when Heed first saw a denial that is not its own
    reported: str = ""  # when the vendor last reported a denial of its own
    otherwise: Any = False  # what stands there in place of Heed's denial once that is over


@dataclass(frozen=True, slots=True)
class Identified:
    """An identifier in the clear, as a connector is handed it."""

    kind: str
    namespace: str
    value: str
    current: bool = True


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
    unsure: bool = False  # an earlier call ended unknown: what stands there may be Heed's own

    def is_(self, outcome: Outcome) -> "Result":
        return Result(self, outcome)


@dataclass(frozen=True, slots=True)
class Result:
    """How it went for one Wanted."""

    wanted: Wanted
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls an account may make in how many seconds."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that a test of the connection found, in words; where it is wrong, what to do."""

    ok: bool
    words: str
    remedy: str = ""


Returned = TypeVar("Returned")
Shape = TypeVar("Shape")
Steps = Generator[Call | Result, Answer | None, Returned]  # a part of a delivery, for `yield from`
Delivery = Steps[None]
Probe = Steps[Sequence[Checked]]


def ask(call: Call) -> Steps[Answer]:
    """`answer = yield from ask(Call(…))`: a Call is answered, or the delivery is closed."""
    answer = yield call
    if answer is None:
        raise RuntimeError("a Call was not answered")
    return answer


class Refused(Exception):
    """Raised inside a delivery by an answer that ends it: for a connector to catch, nobody else sees it."""

    def __init__(self, outcome: Later | Stuck) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Connector(ABC):
    """One kind of outside system: facts, and `deliver`."""

    slug: ClassVar[str]
    name: ClassVar[str]
    channels: ClassVar[frozenset[str]]
    addresses: ClassVar[By]
    settings: ClassVar[Mapping[str, Setting]]
    may_call: ClassVar[tuple[str, ...]]  # "METHOD /path/*"; nothing else leaves (destinations.http)
    batch_max: ClassVar[int] = 50  # the most rows that `deliver` is given at once
    in_flight_max: ClassVar[int] = 4
    rate: ClassVar[Rate | None] = None  # what an account may call, where the vendor says so
    account: ClassVar[tuple[str, ...]] = ("base_url",)  # settings that say whose account it is
    calls_a_row: ClassVar[int] = 0  # about how many calls one row takes; 0: a batch of any size takes few
    reads_back: ClassVar[bool] = False  # can read what it wrote, with one call for a batch at most
    probe_sends: ClassVar[str] = ""  # what a test of the connection sends, where nothing can be only read
    wants_snapshot: ClassVar[bool] = False  # is told everything about the person, not fields
    shared_records: ClassVar[bool] = False  # by person: a record found by an address may be several people's
    wants_unheld: ClassVar[bool] = False  # by person: is also told of addresses that nobody holds
    rows: ClassVar[tuple[Mapping[str, str], ...]] = ()  # the mapper it comes with: target, source
    targets: ClassVar[tuple[Target, ...]]  # where rows of any mapper may point

    @abstractmethod
    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        """Say what to call and how it went; exactly one Result per Wanted, in any order."""

    @abstractmethod
    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        """Read something that is about nobody, and say whether these targets are there. May raise Refused."""

    @abstractmethod
    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """What a system would answer that knows the person and holds nothing about them yet."""

    def reserved(self, settings: Settings) -> frozenset[str]:
        """Fields by which people are found: no row may write there."""
        return frozenset()

    @classmethod
    def secrets(cls) -> frozenset[str]:
        return frozenset(name for name, setting in cls.settings.items() if setting.secret)


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
