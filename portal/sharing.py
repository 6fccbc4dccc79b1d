"""Whose page a code opens that reached an address which several people share.

It shows that somebody reads that mailbox or phone, and not who of them they are. So it opens a page as a
link sent there would: to take away, and to see masked data. Heed keeps no names: people are told apart by
what only one of them has, masked, as their own page would show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import selectors
from portal.codes import Entered
from preferences import selectors as people_selectors
from preferences.models import Holding
from preferences.person import HeldIdentifier, Person
from preferences.terms import IdentifierKind

CHOOSING = "portal.choosing"
TELLING = (IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.MRN)


@dataclass(frozen=True, slots=True)
class WhosePage:
    """The people whose page may be opened, each by key and in words."""

    people: tuple[tuple[UUID, str], ...]


def keep(request: HttpRequest, entered: Entered) -> None:
    """A code reached an address that these people share."""
    request.session[CHOOSING] = {
        "address": str(entered.address_id),
        "people": [str(each) for each in entered.people],
        "since": int(timezone.now().timestamp()),
    }


def kept(request: HttpRequest) -> Entered | None:
    """Who may be chosen in this session: under an order only at an address that it allows (R8)."""
    found = request.session.get(CHOOSING)
    if not found:
        return None
    address = UUID(found["address"])
    since = datetime.fromtimestamp(found["since"], timezone.get_current_timezone())
    reached = (each for each in map(UUID, found["people"]) if _is_reached(each, address, since))
    return Entered(address, tuple(reached))


def _is_reached(person: UUID, address: UUID, since: datetime) -> bool:
    holder = selectors.link_holder(person)
    return holder is not None and holder.is_reached_by(address, since)


def whose_page(entered: Entered) -> WhosePage:
    """Each in words; nobody whom their words would not tell from another."""
    people = people_selectors.people(entered.people)
    words = {pk: _in_words(people[pk], entered.address_id) for pk in entered.people}
    said = [*words.values()]
    return WhosePage(tuple((pk, each) for pk, each in words.items() if said.count(each) == 1))


def _in_words(person: Person, shared: UUID) -> str:
    own = [each for each in person.held if each.current and each.id != shared and each.kind in TELLING]
    alone = _held_alone(own)
    telling = sorted(alone, key=lambda each: TELLING.index(IdentifierKind(each.kind)))[:1]
    if not telling:
        return _("Someone of whom we know nothing else")
    [masked] = selectors.masked_addresses({each.id: each for each in telling}).values()
    if telling[0].kind == IdentifierKind.MRN:
        return _("The person with record number {number}").format(number=masked)
    return _("The person we also reach at {address}").format(address=masked)


def _held_alone(own: Sequence[HeldIdentifier]) -> list[HeldIdentifier]:
    held = Holding.objects.filter(identifier__in=[each.id for each in own], until__isnull=True)
    by: dict[UUID, set[UUID]] = {}
    for identifier, person in held.values_list("identifier_id", "profile_id"):
        by.setdefault(identifier, set()).add(person)
    return [each for each in own if len(by.get(each.id, ())) == 1]
