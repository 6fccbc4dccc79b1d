"""Reading who is out: people, each once, and addresses that nobody is known to hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from config.staff import selectors
from preferences import addresses
from preferences.models import Profile, Standing
from preferences.selectors import plaintexts
from preferences.terms import ADDRESS_KINDS, ANY, Whose

PER_PAGE = 50
Cell = tuple[str, str]  # category and channel


def people() -> QuerySet[Standing]:
    """A person's own rows; whoever was merged is counted as the person they are now."""
    return Standing.objects.filter(denied=True, whose=Whose.PERSON)


def strays() -> QuerySet[Standing]:
    """The rows of addresses that nobody holds now."""
    return Standing.objects.filter(denied=True, whose=Whose.STRAY)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many are out, per cell, and of how many."""

    people: Mapping[Cell, int]
    strays: Mapping[Cell, int]
    of: int


def counted() -> Counted:
    """Three queries."""
    return Counted(
        _by_cell(people()), _by_cell(strays()), Profile.objects.filter(merged_into__isnull=True).count()
    )


def _by_cell(rows: QuerySet[Standing]) -> dict[Cell, int]:
    counts = rows.values_list("category", "channel").annotate(count=Count("subject_id")).order_by()
    return {(category, channel): count for category, channel, count in counts}


def page_of(category: str, channel: str, number: str | int) -> Page[Standing]:
    """Those in one list, whose row was written last first."""
    rows = people() | strays()
    if category != ANY:
        rows = rows.filter(category=category)
    if channel != ANY:
        rows = rows.filter(channel=channel)
    return Paginator(rows.select_related("subject").order_by("-version"), PER_PAGE).get_page(number)


@dataclass(frozen=True, slots=True)
class Masked:
    """How those on a page are recognised: a person by all they hold, an address by itself."""

    people: Mapping[UUID, str] = field(repr=False)
    addresses: Mapping[UUID, str] = field(repr=False)


def masked(page: Page[Standing]) -> Masked:
    """At a number of queries that does not grow with the page."""
    by_kind = {row.subject_id: row.subject.kind for row in page}
    alone = {pk: kind for pk, kind in by_kind.items() if kind in ADDRESS_KINDS}
    return Masked(_held(by_kind.keys() - alone.keys()), _masked(alone))


def _held(ids: Collection[UUID]) -> dict[UUID, str]:
    return {each.profile.pk: " · ".join(sorted(each.held)) for each in selectors.listed(ids)}


def _masked(alone: Mapping[UUID, str]) -> dict[UUID, str]:
    clear = plaintexts(list(alone))
    return {pk: addresses.masked(kind, clear[pk]) for pk, kind in alone.items() if pk in clear}
