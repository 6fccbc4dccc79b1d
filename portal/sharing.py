"""Whose page a code opens that reached an address which several people share.

It shows that somebody reads that mailbox or phone, and not who of them they are. So it opens a page as a
link sent there would: to take away, and to see masked data. Heed keeps no names: people are told apart by
what only one of them has, masked, as their own page would show it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import selectors
from portal.codes import Entered
from portal.holders import link_holders
from preferences import selectors as people_selectors
from preferences.models import Holding
from preferences.person import HeldIdentifier, Person
from preferences.terms import IdentifierKind

CHOOSING = "portal.whose"
TELLING = (IdentifierKind.PHONE.value, IdentifierKind.EMAIL.value, IdentifierKind.MRN.value)


@dataclass(frozen=True, slots=True)
class Told:
    """By what, masked, somebody is told from the others; all empty where we know nothing else of them."""

    kind: str = ""
    masked: str = ""

    @property
    def words(self) -> str:
        if not self.masked:
            return _("Someone of whom we know nothing else")
        if self.kind == IdentifierKind.MRN:
            return _("The person with record number {number}").format(number=self.masked)
        return _("The person we also reach at {address}").format(address=self.masked)


@dataclass(frozen=True, slots=True)
class WhosePage:
    """The people whose page may be opened, by key."""

    people: Mapping[UUID, Told]


def keep(request: HttpRequest, entered: Entered) -> None:
    """A code reached an address that these people share; the session gets a new key."""
    request.session.cycle_key()
    holders = link_holders(entered.people)
    request.session[CHOOSING] = {
        "address": str(entered.address_id),
        "epochs": {str(pk): each.epoch for pk, each in holders.items()},
        "since": int(timezone.now().timestamp()),
    }


def kept(request: HttpRequest) -> Entered | None:
    """Who may be chosen in this session: nobody whose links were switched off since the code.

    Nor whoever has that address no longer. Under an order only at an address that it allows (R8).
    """
    found = request.session.get(CHOOSING)
    if not found:
        return None
    address = UUID(found["address"])
    since = datetime.fromtimestamp(found["since"], timezone.get_current_timezone())
    epochs = {UUID(pk): epoch for pk, epoch in found["epochs"].items()}
    holders = link_holders(epochs, address)
    reached = {
        each.profile_id for pk, each in holders.items() if each.epoch == epochs[pk] and each.is_reached(since)
    }
    return Entered(address, tuple(sorted(reached)))


def whose_page(entered: Entered) -> WhosePage:
    """Each as they are told from the others; nobody who can't be. Four queries."""
    telling = _telling(people_selectors.people(entered.people).values(), entered.address_id)
    masked = selectors.masked_addresses({each.id: each for each in telling.values()})
    told = {pk: Told(each.kind, masked[each.id]) for pk, each in telling.items()}
    alike = Counter(told.get(pk, Told()) for pk in entered.people)
    found = ((pk, told.get(pk, Told())) for pk in entered.people)
    return WhosePage({pk: each for pk, each in found if alike[each] == 1})


def _telling(people: Iterable[Person], shared: UUID) -> dict[UUID, HeldIdentifier]:
    """By what each of them is told from the others: something that nobody else has."""
    own = {
        person.id: [each for each in person.held if each.current and each.kind in TELLING]
        for person in people
    }
    alone = _held_alone({each.id for held in own.values() for each in held} - {shared})
    found = {pk: [each for each in held if each.id in alone] for pk, held in own.items()}
    return {pk: min(held, key=lambda each: TELLING.index(each.kind)) for pk, held in found.items() if held}


def _held_alone(identifiers: Collection[UUID]) -> set[UUID]:
    held = Holding.objects.filter(identifier__in=identifiers, until__isnull=True)
    by: dict[UUID, set[UUID]] = {}
    for identifier, person in held.values_list("identifier_id", "profile_id"):
        by.setdefault(identifier, set()).add(person)
    return {pk for pk, holders in by.items() if len(holders) == 1}
