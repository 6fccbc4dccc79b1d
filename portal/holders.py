"""Whom a link or a code leads to, and whether the page may be shown to whoever was reached there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce

from preferences.models import Holding, Profile
from preferences.person import Order


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Whom a link leads to, after merges, the epoch that links of theirs must bear, and what they read.

    `at`: where a link or code reached somebody, where that is known; `holds`: it is an address of theirs now.
    """

    profile_id: UUID
    epoch: int
    language: str
    order: Order | None = None
    at: UUID | None = None
    holds: bool = False

    def is_reached(self, since: datetime) -> bool:
        """May somebody who was reached there, at that time, see the page?

        Not at a former address: who reads the old mailbox is to learn nothing. Under an order only at one
        that it allows (R8, R21); where nobody said which it was: only what was sent since the order.
        """
        if self.at and not self.holds:
            return False
        if self.order is None:
            return True
        if self.at is None:
            return int(since.timestamp()) >= self.order.since // 1_000_000
        return any(pk == str(self.at) for _, pk in self.order.allowed)


def link_holder(profile_id: UUID, at: UUID | None = None) -> LinkHolder | None:
    """Whom a link for this person leads to; None where they are not known, or forgotten. One query."""
    return link_holders([profile_id], at).get(profile_id)


def link_holders(ids: Collection[UUID], at: UUID | None = None) -> dict[UUID, LinkHolder]:
    """The same for several people, who were reached at one address. One query."""
    known = Profile.objects.filter(erased_at__isnull=True, merged_into__erased_at__isnull=True)
    person = Coalesce(OuterRef("merged_into_id"), OuterRef("id"))
    holds = Holding.objects.filter(profile=person, identifier=at, until__isnull=True)
    found = known.filter(id__in=ids).values_list(
        "id",
        "merged_into_id",
        "link_epoch",
        Exists(holds) if at else Value(value=False),
        "language",
        "order",
        "merged_into__language",
        "merged_into__order",
    )
    return {row[0]: _link_holder(at, *row) for row in found}


def _link_holder(
    at: UUID | None, profile_id: UUID, survivor: UUID | None, epoch: int, holds: bool, *kept: Any
) -> LinkHolder:
    language, order = kept[2:] if survivor else kept[:2]
    return LinkHolder(survivor or profile_id, epoch, language, Order.load(order), at, holds)
