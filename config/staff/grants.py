"""Who may choose for a person, and for whom they may: as both pages list it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from config.staff.selectors import Known
from config.staff.words import category_name, day, listed, sentence, short
from preferences import clock
from preferences.models import ProxyGrant
from preferences.terms import Relation


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant; `person` is whoever is at its other end."""

    id: int
    person: UUID
    relation: str
    period: str
    about: str
    runs: bool

    @property
    def name(self) -> str:
        return short(self.person)


@dataclass(frozen=True, slots=True)
class Grants:
    """`of_them`: who may choose for this person. `to_them`: for whom this person may."""

    of_them: tuple[Grant, ...]
    to_them: tuple[Grant, ...]


def grants(known: Known) -> Grants:
    """Both lists, the newest first: one query."""
    mine = known.before | {known.profile.pk}
    rows = list(ProxyGrant.objects.filter(Q(profile__in=mine) | Q(proxy__in=mine)).order_by("-starts", "-id"))
    return Grants(
        tuple(_grant(each, each.proxy_id, known) for each in rows if each.profile_id in mine),
        tuple(_grant(each, each.profile_id, known) for each in rows if each.proxy_id in mine),
    )


def _grant(row: ProxyGrant, person: UUID, known: Known) -> Grant:
    about = listed([category_name(each, known.catalogue) for each in row.categories])
    return Grant(
        row.pk,
        person,
        Relation(row.relation).label,
        f"{day(row.starts)} until {day(row.ends)}",
        sentence(about),
        row.starts <= clock.now() < row.ends,
    )
