"""Reading deadlines for staff: by system, the rows behind each number, and one person's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Min, Q, QuerySet

from destinations import clocks
from destinations.models import Clock

PER_PAGE = 50
OF_A_PERSON = 25
LISTS = {
    "missed": "Missed",
    "near": "Nearly over",
    "good": "In good time",
    "late": "Late from the start",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many opt-outs wait at one system, by how much time is left."""

    slug: str
    system: str
    counts: dict[str, int]
    first: datetime | None


def _which(now: datetime) -> dict[str, Q]:
    return {
        "missed": clocks.missed(now),
        "near": clocks.near(now),
        "good": Q(late_from_start=False, near_at__gt=now),
        "late": Q(late_from_start=True),
    }


def by_system(now: datetime) -> list[Counted]:
    """Every system where an opt-out waits, whose time ends first: one query."""
    by = ("propagation__destination__slug", "propagation__destination__name")
    counts = {name: Count("pk", filter=which) for name, which in _which(now).items()}
    first = Min("due_at", filter=Q(late_from_start=False))
    rows = clocks.open_clocks().values(*by).annotate(**counts, first=first)
    rows = rows.order_by(F("first").asc(nulls_last=True))
    return [
        Counted(row[by[0]], row[by[1]], {name: row[name] for name in LISTS}, row["first"]) for row in rows
    ]


def listed(now: datetime, which: str, system: str, number: str | int) -> Page[Clock]:
    """The rows behind a number, whichever is due first: two queries."""
    rows = clocks.open_clocks()
    if which in LISTS:
        rows = rows.filter(_which(now)[which])
    if system:
        rows = rows.filter(propagation__destination__slug=system)
    return Paginator(_with_all(rows).order_by("due_at", "id"), PER_PAGE).get_page(number)


def of_person(ids: Collection[UUID], but: Collection[int]) -> list[Clock]:
    """What runs about these identifiers, and then the latest of what was told: one query.

    `but`: changes that were recorded in error; nobody is owed their telling.
    """
    clocks = Clock.objects.filter(propagation__identifier__in=ids).exclude(change__in=but)
    rows = _with_all(clocks).select_related("change")
    is_told = ExpressionWrapper(Q(propagation__acknowledged__gte=F("wanted")), output_field=BooleanField())
    return list(rows.annotate(is_told=is_told).order_by("is_told", "-received_at", "due_at")[:OF_A_PERSON])


def _with_all(rows: QuerySet[Clock]) -> QuerySet[Clock]:
    return rows.select_related("propagation__destination", "propagation__identifier", "rule")
