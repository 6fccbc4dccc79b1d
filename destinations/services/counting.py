"""What an event of a vendor becomes: a choice, a restriction with its scope, a matter for staff, nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from destinations import heard as reading
from destinations.models import Destination, Inbound
from destinations.services import confirming, texting, texting_out
from destinations.services.confirming import Line
from destinations.services.listening import settings_of
from destinations.services.noting import is_news, is_our_own, note
from destinations.terms import EventState
from destinations.texts import understand
from destinations.vendors.contract import Heard, Meaning
from destinations.vendors.words import word
from preferences import identity, ledger
from preferences.errors import Malformed, Refused
from preferences.identity import Named
from preferences.models import Review
from preferences.own_messages import is_stopped
from preferences.services import Call, Said, came_back, identify, restrict, set_deceased
from preferences.services.reviewing import put_before_staff
from preferences.terms import ADDRESS_KINDS, Actor, IdentifierKind, RestrictionKind, SubjectKind

ANSWERED = "an answer to the question which texts are still wanted"
UNDATED = "it gives texts back, and its date cannot be read: it may be older than a STOP"
NOBODY = "nobody here is known by that"


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of an event, without who."""

    state: EventState
    event: str = ""
    became: str = ""
    fault: str = ""
    identifiers: Sequence[UUID] = ()


def count(inbound: Inbound, heard: Sequence[Heard], received_at: datetime) -> Counted:
    """Count all that one event says, in the caller's transaction.

    What bears no date counts from when it came in (R2), however long it waited to be read.
    """
    each = [_count(inbound, one, received_at) for one in heard]
    if not each:
        return Counted(EventState.NOTHING)
    rank = [EventState.TO_READ, EventState.KEPT, EventState.COUNTED, EventState.NOTHING]
    return Counted(
        min((one.state for one in each), key=rank.index),
        ", ".join(dict.fromkeys(one.event for one in each)),
        "; ".join(dict.fromkeys(one.became for one in each if one.became)),
        "; ".join(dict.fromkeys(one.fault for one in each if one.fault)),
        [pk for one in each for pk in one.identifiers],
    )


def _count(inbound: Inbound, heard: Heard, received_at: datetime) -> Counted:
    if heard.meaning == Meaning.UNKNOWN:
        return Counted(EventState.KEPT, heard.event, fault="an event that Heed does not know")
    if heard.meaning in {Meaning.NOTHING, Meaning.HELP}:
        return Counted(EventState.NOTHING, heard.event, heard.meaning.value)
    try:
        who = reading.identifiers(heard, inbound.source.slug)
        became = ACTS[heard.meaning](_Event(inbound, heard, who, heard.occurred or received_at, received_at))
    except _NoNews:
        return Counted(EventState.NOTHING, heard.event, "as it was known")
    except reading.NotMapped:
        if heard.restates:  # every field of a record is told, mapped or not
            return Counted(EventState.NOTHING, heard.event, "mapped to no category")
        return _unplaced(inbound, heard, f"{_target(inbound, heard)} is mapped to no category")
    except Refused as refused:
        return _unplaced(inbound, heard, _why(refused))
    state = EventState.TO_READ if became == texting.HELD else EventState.COUNTED
    return Counted(state, heard.event, became, identifiers=list(identity.find(who).values()))


class _NoNews(Exception):
    """A record says what was known of it."""


def _unplaced(inbound: Inbound, heard: Heard, fault: str) -> Counted:
    put_unplaced(inbound, heard.event, _target(inbound, heard))
    return Counted(EventState.KEPT, heard.event, fault=fault)


def _target(inbound: Inbound, heard: Heard) -> str:
    """By the name that staff gave it; else by the vendor's, as far as that may be shown."""
    many = [each for each in settings_of(inbound).values.items() if isinstance(each[1], Mapping)]
    ours = {f"{setting}.{name}" for setting, names in many for name in names}
    return heard.target if heard.target in ours else word(heard.target)


def _why(refused: Refused) -> str:
    """Why it is refused; what a vendor called a category or a channel as far as it may be shown."""
    words = refused.message
    for said in refused.details.values():
        words = words.replace(repr(said), word(said))
    return words


def put_unplaced(inbound: Inbound, event: str, target: str = "") -> None:
    """Somebody must look: there may be a no in it."""
    matter = {"source": inbound.source, "details": {"event": event, "target": target}}
    put_before_staff(Review.Kind.OPT_OUT_UNPLACED, matter)


@dataclass(frozen=True, slots=True)
class _Event:
    """One thing that was said, by whom, about whom."""

    inbound: Inbound
    heard: Heard
    who: tuple[Named, ...]
    at: datetime
    received_at: datetime

    @property
    def said(self) -> Said:
        by = Actor.PERSON if self.inbound.source.speaks_for_person else Actor.VENDOR
        evidence = {"vendor": self.inbound.vendor, "event": self.heard.event, "target": self.heard.target}
        return Said(self.inbound.source, by, self.at, evidence)

    @property
    def destination(self) -> Destination | None:
        return Destination.objects.filter(source=self.inbound.source).first()

    def rows(self) -> set[UUID]:
        """Whose rows may hold what is known of a target: the address's own, and its holders'."""
        found = set(identity.find(self.who).values())
        holders = identity.read_holders(found).holders if found else {}
        return found.union(*holders.values())

    def addresses(self, kind: str) -> list[UUID]:
        """The addresses of a kind, made where nobody had them: an opt-out is never dropped (R7)."""
        wanted = [each for each in self.who if each.kind == kind]
        if not wanted:
            raise Malformed(f"the event names no {kind}")
        return list(identity.find_or_make(wanted).values())


def _chosen(event: _Event) -> str:
    destination = event.destination
    chosen = reading.choices(event.heard, destination)
    denied = event.heard.meaning == Meaning.OPT_OUT
    if not (destination and event.heard.target):
        identify(call=Call(event.who, chosen), said=event.said)
        return reading.in_words(event.heard, chosen)
    rows, key = event.rows(), event.heard.key or event.heard.target
    if event.heard.restates and not is_news(destination, rows, key, event.at, denied=denied):
        raise _NoNews
    ours = event.heard.ours or (
        not event.heard.theirs
        and is_our_own(destination, rows, key, event.at, denied=denied, program=event.heard.program)
    )
    if not ours:  # first, for it locks identifiers and people: systems' rows come after them
        identify(call=Call(event.who, chosen), said=event.said)
    if not (ours and denied):  # by a yes that is no word of the person's, it is told again what holds
        note(destination, rows, key, event.at, denied=denied)
    return "our own write, coming back" if ours else reading.in_words(event.heard, chosen)


def _stopped(event: _Event) -> str:
    for pk in event.addresses(IdentifierKind.PHONE):
        restrict(identifier_id=pk, kind=RestrictionKind.STOP, said=event.said)
    return "STOP: no texts to that number"


def _started(event: _Event) -> str:
    became = [texting.start(pk, event.said) for pk in event.addresses(IdentifierKind.PHONE)]
    return "; ".join(dict.fromkeys(became))


def _texted(event: _Event) -> str:
    """The words decide; they are in no log, and in what is kept only encrypted."""
    understood = understand(event.heard.text)
    [pk] = event.addresses(IdentifierKind.PHONE)
    # Whoever reads another of its texts waits: of two STOPs only the first finds that none stood.
    ledger.lock(SubjectKind.IDENTIFIER, [pk])
    line = Line(pk, event.inbound, event.heard.to)
    said = replace(event.said.with_evidence(text=event.heard.text), by=Actor.PERSON)
    kinds = confirming.answered(line, event.heard.text, event.at)
    if event.heard.undated and (kinds or understood.meaning == Meaning.START):
        raise Malformed(UNDATED)
    if kinds:
        return confirming.keep(line, kinds, said.with_evidence(because=ANSWERED))
    stood = is_stopped(pk)
    became = texting.act(pk, understood, said.with_evidence(because=understood.because))
    if is_stopped(pk) and not stood:
        confirming.confirm(line, event.received_at)
    return became


def _not_called(event: _Event) -> str:
    for pk in event.addresses(IdentifierKind.PHONE):
        restrict(identifier_id=pk, kind=RestrictionKind.DO_NOT_CALL, said=event.said)
    return "do not call"


def _callable_there(event: _Event) -> str:
    """A call center that takes a number off its list is not the person asking for calls."""
    return "taken off their list; our do-not-call stands"


def _unreachable(event: _Event) -> str:
    at = min(event.at, event.received_at)
    for pk in identity.find_or_make([each for each in event.who if each.kind in ADDRESS_KINDS]).values():
        came_back(identifier_id=pk, source=event.inbound.source, at=at)
    return "the address does not work: no choice"


def _moved(event: _Event) -> str:
    """The person holds the new address too: what they chose holds there, and at the old one."""
    new = event.heard.new
    if new is None:
        raise Malformed("the event names no new address")
    identify(call=Call((*event.who, identity.named(new.kind, new.value, new.namespace))), said=event.said)
    return "a new address"


def _died(event: _Event) -> str:
    """Only where it is plain who: somebody's death that is wrongly noted silences them."""
    ids = identity.find(event.who)
    if not ids:
        return NOBODY
    found = identity.match(ids, identity.read_holders(ids.values()))
    if len(found.people) != 1:
        return _left_to_staff(event)
    set_deceased(profile_id=found.people[0], deceased=True, said=event.said)
    return "deceased"


def _reported(event: _Event) -> str:
    name, status, fault = event.heard.report
    return texting_out.note_report(connection=event.inbound, name=name, status=status, fault=fault)


def _left_to_staff(event: _Event) -> str:
    found = list(identity.find(event.who).values())
    matter = {"source": event.inbound.source, "details": {"event": event.heard.meaning.value}}
    for pk in found:
        put_before_staff(Review.Kind.POSSIBLE_DUPLICATE, {**matter, "identifier_id": pk})
    return "put before staff" if found else NOBODY


ACTS: dict[Meaning, Callable[[_Event], str]] = {
    Meaning.OPT_OUT: _chosen,
    Meaning.OPT_IN: _chosen,
    Meaning.STOP: _stopped,
    Meaning.START: _started,
    Meaning.TEXT: _texted,
    Meaning.DO_NOT_CALL: _not_called,
    Meaning.CALL_AGAIN: _callable_there,
    Meaning.UNREACHABLE: _unreachable,
    Meaning.MOVED: _moved,
    Meaning.DECEASED: _died,
    Meaning.MERGED: _left_to_staff,
    Meaning.REPORT: _reported,
}
