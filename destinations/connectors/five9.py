"""Five9's domain-wide do-not-call list: Configuration Web Services, SOAP 1.1.

https://documentation.five9.com/ (web services, list management). It takes changes from 11 PM to 6 AM Pacific.
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

# The standard library's parser fetches nothing; what could swell it are entities, and those need a document
# type, which a SOAP message may not have (SOAP 1.1, section 3): `parsed` refuses it before it is read.
from xml.etree import ElementTree

from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Grain,
    Held,
    Items,
    Kind,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Shows,
    Steps,
    Stranger,
    Stuck,
    Target,
    Wanted,
    Window,
    ask,
    by_status,
)
from destinations.members import Member
from destinations.targets import Move, Stood, needs_reading

SOAP, ADMIN = "http://schemas.xmlsoap.org/soap/envelope/", "http://service.admin.ws.five9.com/"
ADD, REMOVE, CHECK = "addNumbersToDnc", "removeNumbersFromDnc", "checkDncForNumbers"
DNC = "dnc"
HOURS = Window(time(23), time(6), "America/Los_Angeles")
Changes = list[tuple[Member, Held | None]]  # with what will be known
# By the name of a fault's exception: what is in it beside "the service failed".
FAULTS = (
    (re.compile("limit|throttl", re.I), Reason.THROTTLED),
    (re.compile("auth|permission|privilege|login|session", re.I), Reason.REJECTED_AUTH),
    (re.compile("number|phone|illegalargument|validation|dataformat", re.I), Reason.REJECTED_DATA),
)


class Five9(Connector):
    """Phone numbers of North America on the one do-not-call list that a domain has."""

    slug, name, channels = "five9", "Five9", frozenset({"phone"})
    glyph = Glyph.PHONE
    addresses, batch_max, in_flight_max, reads_back = By.ADDRESS, 1000, 1, True
    grain, found_by, items = Grain.CHANNEL, ("phone",), Items.TOGETHER
    shows, stranger, window = Shows.BATCH, Stranger.PARK, HOURS
    account = ("base_url", "username")
    back_in, echo = BackIn.OURS, "Five9 reports no changes of its list"
    settings = {
        "base_url": Setting("API address", default="https://api.five9.com"),
        "version": Setting("Version", "Of the configuration web services", default="v13"),
        "username": Setting("User", "An administrator who may edit the DNC list"),
        "password": Setting("Password", secret=True),
    }
    may_call = reads = ("POST /wsadmin/*/AdminWebService",)
    rows = (
        {"target": "do_not_call", "source": "do_not_call:phone"},
        {"target": "phone", "source": "all_out:phone"},
    )
    targets = (
        Target(
            r"do_not_call|phone",
            "phone",
            "the domain's do-not-call list; each has its row because either is enough",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # The list is a set: adding or removing a number twice is harmless, so a lost answer is too.
        return _Round(batch, settings).through()

    def only_reads(self, call: Call) -> bool:
        """One path serves every operation: the message must ask for one thing, and that is a look."""
        message = parsed(call.body or b"")
        asked_for = [each.tag for each in message] if message is not None else []
        return super().only_reads(call) and asked_for == [f"{{{ADMIN}}}{CHECK}"]

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """The list is empty, and takes everything."""
        operation = next(each for each in (ADD, REMOVE, CHECK) if f":{each}>".encode() in (call.body or b""))
        returned = "" if operation == CHECK else "<return>1</return>"
        return Answer(200, envelope(f"<ser:{operation}Response>{returned}</ser:{operation}Response>"))

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        yield from asked(settings, CHECK, ["2025550100"], now)
        return [Checked(True, "The user is accepted, and may look at the do-not-call list.")]


class _Round:
    """One batch: read, add, remove, and read again."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        self.items = [Member(each, lambda target: DNC, {DNC}) for each in batch]
        self.settings, self.now = settings, batch[0].now

    def through(self) -> Delivery:
        yield from (item.result() for item in self.items if not item.left)
        for item in self.items:
            if item.left and not ten_digits(item):
                words = "Five9's list takes numbers of North America only"
                yield from item.passed(DNC, Stuck(Reason.REJECTED_DATA, words))
        try:
            yield from self.settle()
        except Refused as refused:
            yield from (item.result(refused.outcome) for item in self.items if item.left)

    def settle(self) -> Delivery:
        items = [item for item in self.items if item.left]
        unread = [item for item in items if needs_reading(item.field(DNC), item.known(DNC))]
        listed = yield from self.listed(unread)
        adds: Changes = []
        lifts: Changes = []
        for item in items:
            step, known = item.decide(DNC, Stood(ten_digits(item) in listed) if item in unread else None)
            if step in {Move.DENY, Move.LIFT}:
                (adds if step is Move.DENY else lifts).append((item, known))
            else:
                item.note(DNC, known)
                yield from item.passed(DNC)
        wrote = yield from self.write(ADD, adds)
        wrote += yield from self.write(REMOVE, lifts)
        yield from self.read_back(wrote)

    def listed(self, items: Sequence[Member]) -> Steps[set[str]]:
        if not items:
            return set()
        return set((yield from self.ask(CHECK, items)))

    def write(self, operation: str, changes: Changes) -> Steps[Changes]:
        """Returns those that were taken. Halves are tried alone where one number spoils the whole."""
        if not changes:
            return []
        before = {item.wanted.id: item.known(DNC) for item, _ in changes}
        for item, known in changes if operation == ADD else ():
            item.note(DNC, known)  # before the call: its answer may be lost
        try:
            yield from self.ask(operation, [item for item, _ in changes])
        except Refused as refused:
            for item, _ in changes if isinstance(refused.outcome, Stuck) else ():
                item.note(DNC, before[item.wanted.id])
            if refused.outcome.reason is not Reason.REJECTED_DATA:
                raise
            return (yield from self.halves(operation, changes, refused.outcome.detail))
        for item, known in changes:
            item.note(DNC, known)
            item.written.add(DNC)
        return changes

    def halves(self, operation: str, changes: Changes, fault: str) -> Steps[Changes]:
        if len(changes) == 1:
            yield from changes[0][0].passed(DNC, Stuck(Reason.REJECTED_DATA, fault))
            return []
        half = len(changes) // 2
        first = yield from self.write(operation, changes[:half])
        return first + (yield from self.write(operation, changes[half:]))

    def read_back(self, wrote: Changes) -> Delivery:
        items = [item for item, _ in wrote]
        listed = (yield from self.listed(items)) if self.settings.reads_back else set()
        for item in items:
            field = item.field(DNC)
            if self.settings.reads_back:
                item.read_back(DNC, (ten_digits(item) in listed) is bool(field and field.denies))
            yield from item.passed(DNC)

    def ask(self, operation: str, items: Sequence[Member]) -> Steps[list[str]]:
        claims = {item.wanted.id: item.held for item in self.items if item.left}
        numbers = [ten_digits(item) for item in items]
        return (yield from asked(self.settings, operation, numbers, self.now, claims=claims))


def ten_digits(item: Member) -> str:
    """+1 202 555 0143 as Five9 has it; nothing for a number from elsewhere."""
    found = re.fullmatch(r"\+1(\d{10})", item.wanted.address)
    return found[1] if found else ""


def envelope(body: str) -> bytes:
    return (
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:ser="{ADMIN}">'
        f"<soapenv:Header/><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def asked(
    settings: Settings, operation: str, numbers: Sequence[str], now: datetime, **more: Any
) -> Steps[list[str]]:
    """What an operation returns for these numbers, digits that need no escaping. Raises Refused."""
    listed = "".join(f"<numbers>{number}</numbers>" for number in numbers)
    pair = f"{settings.username}:{settings.password}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(pair).decode()}",
        "Content-Type": "text/xml; charset=utf-8",
        "Accept": "text/xml",
        "SOAPAction": '""',
    }
    body = envelope(f"<ser:{operation}>{listed}</ser:{operation}>")
    path = f"/wsadmin/{settings.version}/AdminWebService"
    answer = yield from ask(Call("POST", path, body=body, headers=headers, **more))
    message = parsed(answer.body)
    fault = message.find(f"{{{SOAP}}}Fault") if message is not None else None
    if fault is not None and answer.status in {200, 500}:
        raise Refused(refusal(fault, now))
    said = message.find(f"{{{ADMIN}}}{operation}Response") if message is not None and answer.ok else None
    if said is None:
        raise Refused(by_status(answer, now))
    return [str(each.text) for each in said.findall("return")]


def parsed(content: bytes) -> ElementTree.Element | None:
    """The body of a SOAP message in UTF-8; None where it is none."""
    try:
        text = content.decode()
        if "<!DOCTYPE" in text:
            return None
        return ElementTree.fromstring(text).find(f"{{{SOAP}}}Body")  # noqa: S314
    except (UnicodeDecodeError, ElementTree.ParseError):
        return None


def refusal(fault: ElementTree.Element, now: datetime) -> Later | Stuck:
    """What a fault means; outside the hours, that it came too early. Its text may quote a number."""
    opens = HOURS.next_opening(now)
    if opens > now:
        return Later(Reason.UNAVAILABLE, (opens - now).total_seconds(), "outside the hours of the list")
    detail = fault.find("detail")
    named = [each.tag.rpartition("}")[2] for each in detail] if detail is not None else []
    name = next((each for each in named if re.fullmatch(r"\w{1,60}", each)), "Fault")
    reason = next((reason for pattern, reason in FAULTS if pattern.search(name)), Reason.UNAVAILABLE)
    if reason in {Reason.REJECTED_AUTH, Reason.REJECTED_DATA}:
        return Stuck(reason, name)
    return Later(reason, detail=name)
