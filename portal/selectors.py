"""Reading for the patients' pages: one person, at a number of queries that does not grow."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from destinations.clocks import owed
from destinations.connectors import CONNECTORS
from destinations.contract import Reason
from destinations.mapping.concerning import Cell
from destinations.mapping.published import told_of
from destinations.models import Destination, Propagation
from destinations.terms import DestinationState, Label, PropagationState
from portal.terms import SETTLED, Telling
from preferences import addresses, projection
from preferences import selectors as people_selectors
from preferences.answers import Rules
from preferences.catalogue import Catalogue, catalogue
from preferences.deliverability import CameBack, came_back
from preferences.languages import ENGLISH
from preferences.models import Change, Holding, Identifier, Outbox
from preferences.own_messages import may_go
from preferences.person import HeldIdentifier, Person
from preferences.terms import ANY, Channel, IdentifierKind, State
from preferences.unread import held_until_read

NEEDED = {
    Reason.FROM_HANDSET: Telling.HANDSET,
    Reason.TO_CONFIRM: Telling.CONFIRM,
    Reason.BY_THEMSELVES: Telling.THEMSELVES,
    # Tried again or not: it goes on only once somebody at the organisation has done something.
    Reason.NEEDS_PERSON: Telling.STAFF,
    Reason.SHRANK: Telling.STAFF,
    Reason.IN_HANDS: Telling.STAFF,
    Reason.AMBIGUOUS: Telling.STAFF,
}
CHANNEL_OF = {IdentifierKind.EMAIL.value: Channel.EMAIL, IdentifierKind.PHONE.value: Channel.SMS}
SHOWN_KINDS = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})


def kind_of(address_id: UUID | None) -> str:
    """What kind of address a link was sent to; empty where none is known. One query."""
    kinds = Identifier.objects.filter(id=address_id).values_list("kind", flat=True) if address_id else ()
    return next(iter(kinds), "")


def is_denied(address_id: UUID, restriction: str) -> bool:
    """Is this restriction in force on an address (`kind:category:channel`)? One query."""
    found = people_selectors.identifiers([address_id]).get(address_id)
    return found is not None and projection.in_force(found.restrictions.get(restriction, [0, 0, 0, 0]))


# --- the page ---


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the page says about one person. `masked`: current addresses, and that of the link.

    `unread`: numbers whose texts are held until somebody has read one from there. `came_back`: addresses
    that do not work, as vendors report.
    """

    catalogue: Catalogue
    person: Person
    rules: Rules
    masked: Mapping[UUID, str] = field(default_factory=dict)
    unread: frozenset[UUID] = frozenset()
    came_back: Mapping[UUID, CameBack] = field(default_factory=dict)


def see(profile_id: UUID, now: datetime) -> Seen:
    """What stands for one person now: three queries."""
    known = catalogue()
    person = people_selectors.people([profile_id])[profile_id]
    return Seen(known, person, people_selectors.rules_now(now))


def see_with_addresses(profile_id: UUID, now: datetime) -> Seen:
    """The same with their addresses masked: two queries more, and one where texts are refused."""
    seen = see(profile_id, now)
    held = {each.id: each for each in seen.person.held if each.kind in SHOWN_KINDS}
    return replace(seen, masked=masked_addresses(held), unread=held_until_read(held.values()))


def see_with_deliverability(profile_id: UUID, now: datetime) -> Seen:
    """The same, and which of their addresses do not work: one query more."""
    seen = see_with_addresses(profile_id, now)
    return replace(seen, came_back=came_back(seen.masked))


def masked_addresses(held: Mapping[UUID, HeldIdentifier]) -> dict[UUID, str]:
    """As patients see them: one query."""
    if not held:
        return {}
    clear = people_selectors.plaintexts(held)
    # No-break spaces: half a number at the end of a line is hard to recognise.
    known = {pk: (held[pk].kind, value) for pk, value in clear.items()}
    return {
        pk: words.replace(" ", "\N{NO-BREAK SPACE}") for pk, words in addresses.masked_apart(known).items()
    }


def ways_to(ids: Collection[UUID], *, kinds: Collection[str] = SHOWN_KINDS) -> dict[UUID, list[str]]:
    """How each of these people is reached, masked: three queries, for however many.

    Nothing of whom an order protects: it may be from whoever reads this.
    """
    if not ids:
        return {}
    held = {
        pk: [each for each in person.held if each.current and each.kind in kinds and not person.order]
        for pk, person in people_selectors.people(ids).items()
    }
    masked = masked_addresses({each.id: each for own in held.values() for each in own})
    return {pk: sorted(masked[each.id] for each in own if each.id in masked) for pk, own in held.items()}


def addresses_for_codes(profile_id: UUID, *, texts: bool) -> tuple[tuple[UUID, str], ...]:
    """Where a code may go to: the person's own addresses at which we may write to them (R21), masked.

    Shared ones only where they have no other, and those first that work. `texts`: can we text?
    """
    person = people_selectors.people([profile_id])[profile_id]
    kinds = SHOWN_KINDS if texts else {IdentifierKind.EMAIL}
    held = {
        each.id: each
        for each in person.held
        if each.current and each.kind in kinds and may_go(CHANNEL_OF[each.kind], person, each)
    }
    offered = masked_addresses(_alone(held, profile_id) or held)
    broken = came_back(offered)
    return tuple(sorted(offered.items(), key=lambda each: each[0] in broken))


def _alone(held: Mapping[UUID, HeldIdentifier], profile_id: UUID) -> dict[UUID, HeldIdentifier]:
    """Those that nobody else has: a code at a shared one does not show which of them it is."""
    others = Holding.objects.filter(identifier__in=held, until__isnull=True).exclude(profile=profile_id)
    shared = {*others.filter(profile__is_anonymous=False).values_list("identifier_id", flat=True)}
    return {pk: each for pk, each in held.items() if pk not in shared}


def changes(ids: Collection[int]) -> list[Change]:
    """The entries that this visit wrote, in order; none without a query."""
    return (
        list(Change.objects.filter(id__in=ids).select_related("source", "notice").order_by("id"))
        if ids
        else []
    )


def said_in(changes: Iterable[Change]) -> Iterator[Mapping[str, Any]]:
    """The choices and pauses among what these entries say."""
    entries = (entry for change in changes for entry in json.loads(change.entries))
    return (entry for entry in entries if entry["do"] in ("choice", "pause"))


# --- who has been told ---


def due(changes: Iterable[Change]) -> datetime | None:
    """The last day on which a system may still not know of what these changes refuse; None: nothing dated."""
    refusing = [each.pk for each in changes if _refuses(each)]
    return max((at.at for each in owed(refusing) for _, at in each.dated), default=None)


def _refuses(change: Change) -> bool:
    """A no, a pause or an order; the end of one refuses nothing."""
    return any(
        entry.get("state") == State.OUT
        or (entry["do"] == "pause" and entry["until"] > entry["from"])
        or (entry["do"] == "order" and entry["set"])
        for entry in json.loads(change.entries)
    )


@dataclass(frozen=True, slots=True)
class System:
    """An outside system as patients know it, and whether it has been told."""

    label: str
    language: str
    telling: Telling

    @property
    def settled(self) -> bool:
        return self.telling in SETTLED


def cells_of(changes: Iterable[Change]) -> tuple[Cell, ...]:
    """What these entries chose or paused; empty where one says something else: that concerns all."""
    each_of = [{(each["category"], each.get("channel", ANY)) for each in said_in([one])} for one in changes]
    return tuple(set().union(*each_of)) if all(each_of) else ()


def systems(profile_id: UUID, language: str = ENGLISH, *, about: Collection[Cell] = ()) -> tuple[System, ...]:
    """Each system by its public label: told only when every row about the person or their addresses is.

    `about`: what was chosen; a system that is told nothing of that does not know of it, and is left out. So
    are those that take events only.
    The outbox is looked at first: once its row is gone, the rows read after it want what it stood for.
    """
    held = Holding.objects.filter(profile=profile_id).values("identifier_id")
    handed_over = not _in_outbox(profile_id, held.values_list("identifier_id", flat=True))
    rows = Propagation.objects.filter(Q(identifier_id=profile_id) | Q(identifier_id__in=held))
    by_destination: dict[int, list[Telling]] = {}
    columns = ("destination_id", "destination__state", "state", "reason", "job", "wanted", "acknowledged")
    for destination, runs, state, reason, job, wanted, acknowledged in rows.values_list(*columns):
        confirmed = handed_over and acknowledged >= wanted
        held_back = runs != DestinationState.LIVE and not confirmed
        telling = Telling.STAFF if held_back else _telling(state, reason, job, confirmed=confirmed)
        by_destination.setdefault(destination, []).append(telling)
    by_label: dict[Label, list[Telling]] = {}
    nobody = Telling.ABSENT if handed_over else Telling.WAITING
    events_only = [slug for slug, each in CONNECTORS.items() if not each.takes_preferences]
    columns_of = ("public_label", "public_labels", "slug", "connector")
    told = [
        *Destination.objects.exclude(connector__in=events_only).only(*columns_of).order_by("public_label")
    ]
    concerned = told_of(told, about) if about else {each.pk for each in told}
    for each in (each for each in told if each.pk in concerned):
        by_label.setdefault(each.label_in(language), []).extend(by_destination.get(each.pk, [nobody]))
    return tuple(System(words, spoken, _together(tellings)) for (words, spoken), tellings in by_label.items())


def _in_outbox(profile_id: UUID, held: Iterable[UUID]) -> bool:
    subjects = [str(profile_id), *(str(each) for each in held)]
    return Outbox.objects.filter(subject__in=subjects).exists()


def _telling(state: str, reason: str, job: str, *, confirmed: bool) -> Telling:
    match state:
        case PropagationState.STUCK if reason in NEEDED:
            return NEEDED[Reason(reason)]
        case PropagationState.ACKNOWLEDGED | PropagationState.VERIFIED if confirmed:
            return Telling.TOLD
        case PropagationState.ABSENT if confirmed:
            return Telling.ABSENT
        case PropagationState.LATER if job:  # the system is at work, and is asked again
            return Telling.WORKING
        case PropagationState.PAUSED | PropagationState.SHADOW:
            return Telling.STAFF
        case PropagationState.LATER | PropagationState.STUCK:
            return Telling.TRYING
    return Telling.WAITING


def _together(tellings: Iterable[Telling]) -> Telling:
    """The furthest from done speaks for all, first what waits for them; *not known* only where nobody is."""
    found = set(tellings)
    for telling in (*NEEDED.values(), Telling.TRYING, Telling.WORKING, Telling.WAITING, Telling.TOLD):
        if telling in found:
            return telling
    return Telling.ABSENT
