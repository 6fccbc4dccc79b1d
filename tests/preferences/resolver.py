"""DESIGN section 4, read aloud: what Heed must answer, from the facts of a history alone.

Slow and obvious on purpose. Every question starts from the first fact again; nothing is remembered, nothing
is taken from the code that it judges. Where DESIGN leaves room the reading chosen stands beside its rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tests.preferences.notebook import Chose, Died, Fact, Ordered, Paused, Question, Restricted
from tests.preferences.resolver_choices import (
    Entry,
    by_category,
    choices_of,
    ever_chose,
    for_another,
    grants_for,
    winner,
)
from tests.preferences.resolver_people import (
    Address,
    addresses,
    categories,
    counted,
    is_message,
    jurisdictions,
    offer_of,
    one_with,
    until,
)

LETTERS = ("", "")
CHANNELS_OF = {"email": ("email",), "phone": ("sms", "phone")}
SILENCES = {"stop": ("sms",), "do_not_call": ("phone",), "suppressed": ("email", "sms", "phone", "mail")}


def resolve(facts: Sequence[Fact], question: Question) -> tuple[bool, str]:
    """R14: allowed or not, and why; the first line that says something is the answer."""
    known = [fact for fact in facts if fact.recorded <= question.at]
    cell = (question.category, question.channel)
    body = categories(known)[question.category]
    who = one_with(known, question.person)
    if denied := beyond_choosing(known, who, question, body):
        return False, denied

    entries = choices_of(known, who)
    if body.get("required") and not stays_out(entries, cell, body):
        return True, "required"
    if paused(known, who, question):
        return False, "pause"
    last = winner(entries, cell)
    if last and not expired(last, body, question.at):
        return last.opts_in, "choice"
    return default(known, who, body, question.channel), "default"


def beyond_choosing(facts: Sequence[Fact], who: set[int], question: Question, body: dict[str, Any]) -> str:
    """Why it is denied whatever they chose."""
    offer = offer_of(body, question.channel)
    if body.get("retired"):
        return "retired"
    if not offer or offer.get("removed"):
        return "not_offered"
    if is_dead(facts, who):
        return "deceased"
    return address_denies(facts, who, question, required=bool(body.get("required")))


# --- what beats choices ---


Protection = Died | Paused | Ordered
One = TypeVar("One", bound=Protection)


def concerning(facts: Sequence[Fact], of: type[One], who: set[int]) -> list[One]:
    """Recorded for them; and what protected whom they were one with, when they parted (R10)."""
    return [
        fact
        for fact in counted(facts)
        if isinstance(fact, of)
        and (fact.person in who or (protects(fact) and stood_when_they_parted(facts, fact, who)))
    ]


def protects(fact: Protection) -> bool:
    """It denies something, and ends nothing."""
    match fact:
        case Died():
            return fact.died
        case Paused():
            return fact.until is not None
    return fact.allowed is not None


def stood_when_they_parted(facts: Sequence[Fact], fact: Protection, who: set[int]) -> bool:
    """Recorded while they were one with that person, and the latest of its kind when they no longer were."""
    known = until(facts, fact.number)
    if not who & one_with(known, fact.person):
        return False
    for later in facts[len(known) :]:
        if not who & one_with(until(facts, later.number), fact.person):
            break
        known = until(facts, later.number)
    if isinstance(fact, Ordered):
        return fact in orders_in_force(known, one_with(known, fact.person))
    before = [
        each
        for each in concerning(known, type(fact), one_with(known, fact.person))
        if not isinstance(each, Paused) or (isinstance(fact, Paused) and each.category == fact.category)
    ]
    return bool(before) and before[-1].number == fact.number


def is_dead(facts: Sequence[Fact], who: set[int]) -> bool:
    """The latest word counts."""
    said = [fact.died for fact in concerning(facts, Died, who)]
    return bool(said) and said[-1]


def paused(facts: Sequence[Fact], who: set[int], question: Question) -> bool:
    """R12: until then, unless it was ended or said anew."""
    said = [fact.until for fact in concerning(facts, Paused, who) if fact.category == question.category]
    return bool(said) and said[-1] is not None and question.at < said[-1]


def address_denies(facts: Sequence[Fact], who: set[int], question: Question, *, required: bool) -> str:
    """Why not there (R7, R8): at the address asked about, else at every current one.

    An order is about messages; a use of data is denied by what an address says of just that use.
    """
    orders = orders_in_force(facts, who) if question.channel else []
    held = reached_at(facts, who)
    judged = {question.to} if question.to else {each for each in held if leads_to(each, question.channel)}
    for place in held | judged:
        bearing = [
            each
            for each in restrictions_on(facts, place)
            if bears(each, place, question, judged=place in judged)
            and not (required and each.category != "*" and each.is_set)
        ]
        if silenced(bearing):
            return "restriction"
    for order in orders:
        ways = {place for channel, place in order.allowed or () if channel == question.channel}
        if not ways or judged - ways:
            return "order"
    return ""


def orders_in_force(facts: Sequence[Fact], who: set[int]) -> list[Ordered]:
    """R8: the latest stands. Of people who were merged each one's own, until one is recorded for both."""
    recorded = concerning(facts, Ordered, who)
    in_force = []
    for number, order in enumerate(recorded):
        later = recorded[number + 1 :]
        unreplaced = who & one_with(until(facts, order.number), order.person)
        for each in later:
            unreplaced -= one_with(until(facts, each.number), each.person)
        if order.allowed is not None and unreplaced:
            in_force.append(order)
    return in_force


def reached_at(facts: Sequence[Fact], who: set[int]) -> set[Address]:
    """Their addresses, and the alternate ones that an order names for them, and each order since.

    Not those of an order that only stayed with them when they parted from whom it was for (R10): it goes on
    protecting them, but nobody is handed another's confidential address.
    """
    ways: dict[int, set[Address]] = {person: set() for person in who}
    for order in concerning(facts, Ordered, who):
        named = {place for _, place in order.allowed or () if place != LETTERS}
        for person in who & one_with(until(facts, order.number), order.person):
            ways[person] = named if order.person in who else ways[person] & named
    return addresses(facts, who).union(*ways.values())


def leads_to(place: Address, channel: str) -> bool:
    """Is this an address of that channel? A use of data concerns every address."""
    return channel in (*CHANNELS_OF.get(place[0], ()), "")


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """Set or lifted at an address; `channel` `*`: all that its kind silences there."""

    kind: str
    category: str
    channel: str
    is_set: bool
    when: datetime


def bears(said: Restriction, place: Address, question: Question, *, judged: bool) -> bool:
    """R7: on an address that is judged; and, as no opt-out may be dropped for lack of a match, on whoever
    holds an address of which it was said although the channel does not lead there."""
    if said.category not in (question.category, "*" if question.channel else question.category):
        return False
    if question.channel not in (*SILENCES[said.kind], ""):
        return False
    if judged:
        return said.channel in (question.channel, "*")
    return said.channel == question.channel and not leads_to(place, question.channel)


def silenced(said: Sequence[Restriction]) -> bool:
    """One of them stands: each is lifted by itself, a START turns no category on that was off; ties deny."""
    for one in said:
        same = (one.kind, one.category, one.channel)
        words = [
            (each.when, each.is_set) for each in said if (each.kind, each.category, each.channel) == same
        ]
        if max(words)[1]:
            return True
    return False


def restrictions_on(facts: Sequence[Fact], place: Address) -> Iterator[Restriction]:
    """All said at an address; with what a proxy without a grant said of a person who held it (R11)."""
    for fact in counted(facts):
        if isinstance(fact, Restricted) and fact.address == place:
            yield Restriction(
                kind=fact.kind,
                category=fact.category,
                channel="*",
                is_set=fact.is_set,
                when=min(fact.occurred, fact.recorded),
            )
        then = until(facts, fact.number)
        if isinstance(fact, Chose) and for_another(then, fact):
            held = reached_at(then, one_with(then, fact.person))
            yield from refused_for_another(then, fact, place) if place in held else ()


def refused_for_another(facts: Sequence[Fact], fact: Chose, place: Address) -> Iterator[Restriction]:
    """What a proxy said no to without a grant: at addresses that serve it, or at all where none could."""
    for category, channel, opts_in, _ in by_category(facts, fact):
        if opts_in or grants_for(facts, fact, category):
            continue
        body = categories(facts)[category]
        offered = [each["channel"] for each in body["offers"] if not each.get("removed")]
        asked = offered if channel == "*" else [channel]
        served = any(leads_to(place, each) for each in asked)
        if not served and any(each in served_by for each in asked for served_by in CHANNELS_OF.values()):
            continue
        named = channel != "*" and CHANNELS_OF[place[0]] != (channel,) and channel != ""
        for each in offered if channel == "*" and not served else [channel if named else "*"]:
            yield Restriction(
                kind="suppressed",
                category=category,
                channel=each,
                is_set=True,
                when=min(fact.occurred, fact.recorded),
            )


def expired(entry: Entry, body: dict[str, Any], at: datetime) -> bool:
    """R6: opt-ins may expire, opt-outs never."""
    days = body.get("opt_in_expires_days")
    return bool(days and entry.opts_in and at >= entry.when + timedelta(days=days))


def stays_out(entries: list[Entry], cell: tuple[str, str], body: dict[str, Any]) -> bool:
    """R17: making a category required turns nothing on for whoever was out by then."""
    since = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=body.get("required_since") or 0)
    last = winner([each for each in entries if each.opts_in or each.when <= since], cell)
    return last is not None and not last.opts_in


def default(facts: Sequence[Fact], who: set[int], body: dict[str, Any], channel: str) -> bool:
    """R13, and R17: what was turned on there is not for whoever ever chose."""
    [offer] = [each for each in body["offers"] if each["channel"] == channel]
    chose = bool(offer.get("turned_on")) and ever_chose(facts, who, body)
    return all(default_in(place, body, offer, chose=chose) for place in jurisdictions(facts, who))


def default_in(place: str, body: dict[str, Any], offer: dict[str, Any], *, chose: bool) -> bool:
    """The same in one place."""
    elsewhere = offer.get("elsewhere") or {}
    if not is_message(body) and not place:
        return all([offer["default"], *elsewhere.values()])
    if body.get("marketing") and offer["channel"] in ("sms", "phone"):
        return False
    turned_on = offer.get("turned_on") or ()
    there = place if place in elsewhere or place in turned_on else ""
    if there in turned_on and chose:
        return False
    return bool(elsewhere.get(place, offer["default"]))
