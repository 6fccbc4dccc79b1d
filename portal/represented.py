"""For whom somebody may choose here: what staff have granted and recorded, while it runs (R11)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.selectors import SHOWN_KINDS, Seen, ways_to
from portal.wording import reached_at
from preferences.models import ProxyGrant
from preferences.terms import ANY, IdentifierKind, Relation

KNOWN_BY = SHOWN_KINDS | {IdentifierKind.MRN}


@dataclass(frozen=True, slots=True)
class Represented:
    """A person whose page somebody else may open, why, and what they may choose about there."""

    profile_id: UUID
    relation: str
    categories: frozenset[str]


def whom(proxy_id: UUID, now: datetime) -> tuple[Represented, ...]:
    """Everybody for whom this person may choose now: one query.

    Nobody under an order of their own: it may be what keeps them safe from whoever looks after them.
    """
    running = ProxyGrant.objects.filter(
        Q(proxy=proxy_id) | Q(proxy__merged_into=proxy_id), starts__lte=now, ends__gt=now
    )
    open_to_others = running.filter(
        profile__erased_at__isnull=True,
        profile__order__isnull=True,
        profile__merged_into__erased_at__isnull=True,
        profile__merged_into__order__isnull=True,
    )
    person = Coalesce("profile__merged_into_id", "profile_id")
    rows = open_to_others.annotate(person=person).order_by("starts", "pk")
    found: dict[UUID, Represented] = {}
    for pk, relation, categories in rows.values_list("person", "relation", "categories"):
        known = found.get(pk, Represented(pk, relation, frozenset()))
        found[pk] = replace(known, categories=known.categories | {*categories})
    return tuple(found.values())


def represented(proxy_id: UUID, profile_id: UUID, now: datetime) -> Represented | None:
    """The one, while somebody may choose for them."""
    return next((each for each in whom(proxy_id, now) if each.profile_id == profile_id), None)


def in_words(people: Iterable[Represented]) -> dict[UUID, str]:
    """We know no names: who each is to them, and how that person is known, masked.

    Children often have no address but their parent's: their record numbers tell them apart.
    """
    relations = {
        Relation.PARENT: _("Your child"),
        Relation.REPRESENTATIVE: _("A person you act for"),
        Relation.CAREGIVER: _("A person you care for"),
    }
    found = {each.profile_id: relations[Relation(each.relation)] for each in people}
    ways = ways_to(found, kinds=KNOWN_BY)
    return {pk: reached_at(who, ways[pk]) for pk, who in found.items()}


def narrowed(seen: Seen, categories: Collection[str]) -> Seen:
    """Only what a grant covers is shown: uses of data, and what is sensitive, where it names them."""
    covered = {
        each.slug: each
        for each in seen.catalogue
        if each.slug in categories or (ANY in categories and not (each.sensitive or each.is_data_use))
    }
    return replace(seen, catalogue=replace(seen.catalogue, by_slug=covered))
