"""One kind of outside system: the class that every file in `destinations.connectors` fills."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from destinations.contract.calls import Answer, Call, is_one_of
from destinations.contract.declared import BackIn, Confirms, Glyph, Grain, Items, Shows, Stranger, Window
from destinations.contract.facts import By, Checked, Rate, Setting, Settings, Target
from destinations.contract.forwarded import Forwarded
from destinations.contract.listed import Listed, Page
from destinations.contract.outcomes import Result, Wanted

Returned = TypeVar("Returned")


Steps = Generator[Call | Result, Answer | None, Returned]  # a part of a delivery, for `yield from`


Delivery = Steps[None]


Probe = Steps[Sequence[Checked]]


def ask(call: Call) -> Steps[Answer]:
    """`answer = yield from ask(Call(…))`: a Call is answered, or the delivery is closed."""
    answer = yield call
    if answer is None:
        raise RuntimeError("a Call was not answered")
    return answer


class Connector(ABC):
    """One kind of outside system: facts, and `deliver`."""

    slug: ClassVar[str]
    name: ClassVar[str]
    channels: ClassVar[frozenset[str]]
    glyph: ClassVar[Glyph] = Glyph.WEB  # what staff see beside its name
    addresses: ClassVar[By]
    settings: ClassVar[Mapping[str, Setting]]
    may_call: ClassVar[tuple[str, ...]]  # "METHOD /path/*"; nothing else leaves (destinations.http)
    reads: ClassVar[tuple[str, ...]] = ()  # those of them that change nothing: reconcile makes no other
    batch_max: ClassVar[int] = 50  # the most rows that `deliver` is given at once
    in_flight_max: ClassVar[int] = 4
    rate: ClassVar[Rate | None] = None  # what an account may call, where the vendor says so
    account: ClassVar[tuple[str, ...]] = ("base_url",)  # settings that say whose account it is
    calls_a_row: ClassVar[int] = 0  # about how many calls one row takes; 0: a batch of any size takes few
    grain: ClassVar[Grain] = Grain.CATEGORY_CHANNEL
    found_by: ClassVar[tuple[str, ...]] = ()  # which identifiers address somebody there, the best first
    items: ClassVar[Items] = Items.EACH
    confirms: ClassVar[Confirms] = Confirms.AT_ONCE
    shows: ClassVar[Shows] = Shows.NOTHING
    back_in: ClassVar[BackIn] = BackIn.FREE
    window: ClassVar[Window | None] = None  # None: at any hour
    stranger: ClassVar[Stranger] = Stranger.SKIP
    takes_preferences: ClassVar[bool] = True
    takes_events: ClassVar[bool] = False
    event_max_age: ClassVar[timedelta] = timedelta(days=7)  # what happened longer ago is not taken there
    health_information: ClassVar[bool] = True  # False: none may ever go there, agreement or not
    echo: ClassVar[str] = ""  # how our own write coming back is known, in words
    reads_back: ClassVar[bool] = False  # can read what it wrote, with one call for a batch at most
    probe_sends: ClassVar[str] = ""  # what a test of the connection sends, where nothing can be only read
    lists_out: ClassVar[bool] = False  # by address: can show everyone who is out, known to Heed or not
    wants_snapshot: ClassVar[bool] = False  # is told everything about the person, not fields
    publishes_list: ClassVar[bool] = False  # is handed all who are out, for the rows of a turn
    shared_records: ClassVar[bool] = False  # by person: a record found by an address may be several people's
    wants_unheld: ClassVar[bool] = False  # by person: is also told of addresses that nobody holds
    rows: ClassVar[tuple[Mapping[str, str], ...]] = ()  # the mapper it comes with: target, source
    targets: ClassVar[tuple[Target, ...]]  # where rows of any mapper may point

    @abstractmethod
    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        """Say what to call and how it went; exactly one Result per Wanted, in any order."""

    @abstractmethod
    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        """Read something that is about nobody, and say whether these targets are there. May raise Refused.

        Never empty: what can't be tested is said to be so.
        """

    @abstractmethod
    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """What a system would answer that knows the person and holds nothing about them yet."""

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        """`takes_events`: the same for events, in their order, which may be of several people.

        What happened to one person must not arrive out of order: where one event has to wait, whatever comes
        after it in the batch waits too: give it no result. Say by `claims` whom a call is about.
        """
        yield from ()

    def rehearse_event(self, call: Call, settings: Settings) -> Answer:
        """What the system would answer to a call that `forward` makes, were all well."""
        return Answer(200, b"{}")

    def allowed(self, settings: Settings) -> tuple[str, ...]:
        """What may be called with these settings, as `may_call` says it; nothing else leaves."""
        return self.may_call

    def only_reads(self, call: Call) -> bool:
        """Does it change nothing there? By `reads`; a connector says more where one path reads and writes."""
        return is_one_of(call, self.reads)

    def listing(self, targets: Sequence[str], after: str, settings: Settings, now: datetime) -> Steps[Page]:
        """`lists_out`: who is out of these targets, one page from `after` on. May raise Refused.

        A page is kept whole or not at all, and may be asked for twice.
        """
        yield from ()
        return Page(())

    def publish(self, lists: Mapping[str, Listed], settings: Settings, now: datetime) -> Steps[Any]:
        """`publishes_list`: what leaves daily, though nothing has changed. May raise Refused."""
        yield from ()

    def reminder(self, waiting: int, desk: str, settings: Settings) -> Call | None:
        """By hand: what tells whoever does it how many wait. None: they look by themselves."""
        return None

    def reserved(self, settings: Settings) -> frozenset[str]:
        """Fields by which people are found: no row may write there."""
        return frozenset()

    def public_keys(self, settings: Settings) -> Sequence[Mapping[str, Any]]:
        """The public halves of keys that it signs with, as JWKs: anybody may read them."""
        return ()

    @classmethod
    def secrets(cls) -> frozenset[str]:
        return frozenset(name for name, setting in cls.settings.items() if setting.secret)
