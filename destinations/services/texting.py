"""What becomes of a text message once it is understood, or once a person has read it."""

from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destinations.models import InboundEvent
from destinations.terms import EventState
from destinations.texts import Understood
from destinations.vendors.contract import Meaning
from preferences import history, ledger, selectors, unread
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.models import Source
from preferences.own_messages import is_stopped
from preferences.projection import in_force
from preferences.rebuilding import rebuild
from preferences.services import Said, lift, restrict
from preferences.services.restricting import denial_at
from preferences.terms import Actor, Channel, IdentifierKind, RestrictionKind, SubjectKind, Verified

HELD = "held: no texts until somebody has read it"
STILL_HELD = "texts stay held until somebody has read what came before"
NOT_A_STOP, STOP = "not_a_stop", "stop"


def act(phone: UUID, understood: Understood, said: Said) -> str:
    """Do what a text means; where nobody can be sure, texts to that number are held meanwhile."""
    if understood.needs_review:
        # From now: should it have waited, a hold on an earlier text may have ended since.
        held = replace(said, occurred=timezone.now(), how=unread.HELD)
        restrict(identifier_id=phone, kind=RestrictionKind.SUPPRESSED, said=held, channel=Channel.SMS)
        return HELD
    match understood.meaning:
        case Meaning.STOP:
            restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said)
            return "STOP: no texts to that number"
        case Meaning.START:
            return start(phone, said)
        case Meaning.OPT_OUT:
            _refuse_kind(phone, understood.category, said)
            return f"no texts of the kind {understood.category}"
        case Meaning.HELP:
            return "asks for help"
    return "no choice"


def start(phone: UUID, said: Said) -> str:
    """START from a number lifts its STOP (R7), and nothing else: what became of it, in words."""
    stood = is_stopped(phone)
    lift(identifier_id=phone, kind=RestrictionKind.STOP, said=said, from_handset=True)
    if is_stopped(phone):
        became = "START: a later STOP stands"
    elif stood:
        became = "START: STOP is lifted; nothing that was off is turned on"
    else:
        became = "START: no STOP stood; nothing is turned on"
    held = unread.held_until_read(selectors.identifiers([phone]).values())
    return f"{became}; {STILL_HELD}" if held else became


def _refuse_kind(phone: UUID, category: str, said: Said) -> None:
    """Whoever holds the number: it was said from there (R7). A kind that is not on offer is all texts."""
    known = catalogue().by_slug.get(category)
    kind = category if known and not known.retired else ""
    if not kind:
        restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said)
        return
    restrict(
        identifier_id=phone,
        kind=RestrictionKind.SUPPRESSED,
        said=said,
        category=kind,
        channel=Channel.SMS,
    )


@transaction.atomic
def decide_text(*, event: InboundEvent, means: str, by: str) -> None:
    """Somebody has read a text that was held: `stop`, `not_a_stop`, or the slug of the kind that is refused.

    A stop counts from when the text came. Raises Malformed, UnknownCategory.
    """
    locked = InboundEvent.objects.select_for_update().select_related("inbound__source").get(pk=event.pk)
    if locked.state != EventState.TO_READ:
        raise Malformed("somebody has read this text already")
    phones = list(locked.identifiers.values_list("id", flat=True))
    source = Source.objects.get(slug="staff")
    said = Said(source, Actor.STAFF, locked.received_at, {"event": locked.pk}, who=by)
    for phone in phones:
        if means == STOP:
            restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said)
        elif means != NOT_A_STOP:
            catalogue().category(means)
            _refuse_kind(phone, means, said)
        _end_hold(phone, locked, said)
    locked.state = EventState.COUNTED
    locked.became = {STOP: "STOP, as read by staff", NOT_A_STOP: "no choice, as read by staff"}.get(
        means, f"no texts of the kind {means}, as read by staff"
    )
    locked.save(update_fields=["state", "became"])


def _end_hold(phone: UUID, event: InboundEvent, said: Said) -> None:
    """Unless another text from that number still waits to be read, or somebody refuses all texts there."""
    # Whoever decides about another of its texts waits for this.
    ledger.lock(SubjectKind.IDENTIFIER, [phone])
    waiting = InboundEvent.objects.filter(state=EventState.TO_READ, identifiers=phone).exclude(pk=event.pk)
    if waiting.exists() or _is_refused_otherwise(phone):
        return
    lift(
        identifier_id=phone,
        kind=RestrictionKind.SUPPRESSED,
        said=replace(said, occurred=timezone.now(), how=unread.HELD),
        channel=Channel.SMS,
        verified=Verified.STAFF,
    )


def _is_refused_otherwise(phone: UUID) -> bool:
    """Would texts be refused there without our holds? They are kept in one place with what others said."""
    chain = history.chains(SubjectKind.IDENTIFIER, [phone])[phone]
    others = [each for each in chain if all(not unread.is_hold(entry) for entry in each.entries)]
    at = denial_at(address=IdentifierKind.PHONE, kind=RestrictionKind.SUPPRESSED, channel=Channel.SMS)
    standing = rebuild(phone, {phone: others}).restrictions.get(at)
    return standing is not None and in_force(standing)
