"""Reading across people: how many wait, and where it is stuck."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from destinations.models import Approval, Destination, InboundEvent, Propagation
from destinations.selectors import STUCK, in_group, troubled
from destinations.terms import EventState
from preferences import clock
from preferences.models import Change, Draft, Holding, Review
from preferences.terms import RevisionState

__all__ = ["STUCK", "in_group", "troubled"]
PER_PAGE = 50
WAITING = Q(due_at__isnull=False) & ~STUCK


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one system that are stuck for one reason."""

    slug: str
    system: str
    state: str
    reason: str
    count: int
    oldest: datetime


def groups() -> list[Group]:
    """All that is stuck, the largest first: one query."""
    by = ("destination__slug", "destination__name", "state", "reason")
    rows = troubled().values(*by).annotate(count=Count("id"), oldest=Min("wanted_at")).order_by("-count", *by)
    return [
        Group(
            row["destination__slug"],
            row["destination__name"],
            row["state"],
            row["reason"],
            row["count"],
            row["oldest"],
        )
        for row in rows
    ]


def page_of(rows: QuerySet[Propagation], number: str | int) -> Page[Propagation]:
    """A page of rows with their systems, whoever waits longest first."""
    listed = rows.select_related("destination", "identifier").order_by("wanted_at", "id")
    return Paginator(listed, PER_PAGE).get_page(number)


def people_of(rows: Iterable[Propagation]) -> dict[UUID, UUID]:
    """Per identifier, somebody who holds it now: one query. A person's own is theirs."""
    return holders_of([row.identifier_id for row in rows])


def holders_of(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The same for identifiers."""
    held = Holding.objects.filter(identifier__in=ids, until__isnull=True).order_by("-since")
    return dict(held.values_list("identifier_id", "profile_id"))


# --- home ---


def today() -> datetime:
    """When today began, in the organisation's time zone."""
    return timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Figures:
    """The seven numbers of the home page."""

    changes: int
    waiting: int
    stuck: int
    asked: int
    matters: int
    texts: int
    drafts: int


def figures() -> Figures:
    """Counted: seven queries."""
    return Figures(
        Change.objects.filter(recorded_at__gte=today()).count(),
        Propagation.objects.filter(WAITING).count(),
        Propagation.objects.filter(STUCK).count(),
        Approval.objects.filter(settled_at__isnull=True).count(),
        Review.objects.filter(settled_at__isnull=True).count(),
        InboundEvent.objects.filter(state=EventState.TO_READ).count(),
        Draft.objects.filter(state=RevisionState.DRAFT, asked_at__isnull=False).count(),
    )


@dataclass(frozen=True, slots=True)
class Health:
    """One system, with how many rows wait or are stuck there."""

    system: Destination
    waiting: int
    stuck: int


def health() -> Iterator[Health]:
    """Every system: two queries, however many there are."""
    rows = Propagation.objects.filter(STUCK | WAITING).values("destination_id").order_by()
    counts = {
        row["destination_id"]: row
        for row in rows.annotate(stuck=Count("id", filter=STUCK), waiting=Count("id", filter=WAITING))
    }
    for system in Destination.objects.order_by("name"):
        found = counts.get(system.pk, {"waiting": 0, "stuck": 0})
        yield Health(system, found["waiting"], found["stuck"])
