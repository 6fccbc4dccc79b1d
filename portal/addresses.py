"""The page where a person corrects how they are reached."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from portal.selectors import Seen
from portal.wording import day
from preferences.clock import micros
from preferences.terms import IdentifierKind


@dataclass(frozen=True, slots=True)
class Own:
    """One address of theirs: its key, what it is, and masked. `came_back`: the day on which a message did."""

    id: UUID
    kind: str
    label: str
    masked: str
    came_back: str = ""


@dataclass(frozen=True, slots=True)
class AddressesPage:
    """What they hold now. `closed`: why nothing can be corrected here."""

    own: tuple[Own, ...]
    texts: bool
    closed: str = ""
    problem: str = ""
    picked: str = ""
    given: str = ""


def own_addresses(seen: Seen) -> tuple[Own, ...]:
    """Current ones, emails first."""
    labels = {IdentifierKind.EMAIL.value: _("Email"), IdentifierKind.PHONE.value: _("Phone")}
    held = [each for each in seen.person.held if each.current and each.kind in labels]
    found = [
        Own(each.id, each.kind, labels[each.kind], seen.masked.get(each.id, ""), _came_back(seen, each.id))
        for each in held
    ]
    return tuple(sorted(found, key=lambda each: (each.kind, each.masked)))


def _came_back(seen: Seen, address_id: UUID) -> str:
    report = seen.came_back.get(address_id)
    return day(micros(report.at)) if report else ""
