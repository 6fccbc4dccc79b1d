"""By when each system must have been told: how many wait, the rows behind each number, what is late."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from config.staff import alarms, counting, due
from config.staff.access import actor, needs, show
from config.staff.alarms import AlarmLine
from config.staff.due import LISTS, Counted
from config.staff.permissions import SEE_PEOPLE, SEE_SYSTEMS
from config.staff.promises import due_mark, left
from config.staff.selectors import systems
from config.staff.words import Mark, moment, propagation_mark, reason_words, short
from destinations.models import Clock
from destinations.terms import PropagationState
from preferences import clock, services
from preferences.days import said_at
from preferences.terms import IdentifierKind

TROUBLED = frozenset({PropagationState.LATER, PropagationState.STUCK})
TONES = {"missed": "bad", "near": "wait", "good": "good", "late": "none"}


@dataclass(frozen=True, slots=True)
class Number:
    """How many, and where they are listed."""

    count: int
    words: str
    tone: str
    query: str


@dataclass(frozen=True, slots=True)
class SystemLine:
    """One system where opt-outs wait."""

    name: str
    numbers: tuple[Number, ...]
    first: str


@dataclass(frozen=True, slots=True)
class DeadlinesPage:
    """All that waits."""

    alarms: tuple[AlarmLine, ...]
    totals: tuple[Number, ...]
    systems: tuple[SystemLine, ...]
    nobody_is_mailed: bool


@dataclass(frozen=True, slots=True)
class DueRow:
    """One opt-out that one system must be told of."""

    profile_id: UUID | None
    person: str
    about: str
    system: str
    state: Mark
    why: str
    due: Mark
    left: str
    received: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow the list."""

    words: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class DueRowsPage:
    """The rows behind a number."""

    rows: tuple[DueRow, ...]
    paging: Page[Clock]
    query: str
    lists: tuple[Choice, ...]
    systems: tuple[Choice, ...]


@require_safe
@needs(SEE_SYSTEMS)
def deadlines(request: HttpRequest) -> HttpResponse:
    """By system; numbers only, so whoever is staff may look."""
    found = due.by_system(clock.now())
    page = DeadlinesPage(
        alarms.lines(),
        tuple(_numbers({name: sum(each.counts[name] for each in found) for name in LISTS})),
        tuple(_system(each) for each in found),
        alarms.nobody_is_mailed(),
    )
    return show(request, "deadlines", title="Deadlines", page=page)


def _numbers(counts: Mapping[str, int], system: str = "") -> Iterator[Number]:
    for name, words in LISTS.items():
        tone = TONES[name] if counts[name] else "none"
        yield Number(counts[name], words, tone, _query(name, system))


def _query(which: str, system: str) -> str:
    asked = {"list": which, "system": system}
    return urlencode({name: value for name, value in asked.items() if value})


def _system(found: Counted) -> SystemLine:
    return SystemLine(found.system, tuple(_numbers(found.counts, found.slug)), moment(found.first))


@require_safe
@needs(SEE_PEOPLE)
def rows(request: HttpRequest) -> HttpResponse:
    """The opt-outs behind a number, whichever is due first."""
    which, system = request.GET.get("list", ""), request.GET.get("system", "")
    now = clock.now()
    paging = due.listed(now, which, system, request.GET.get("page", 1))
    services.log_view(actor=actor(request), page="deadlines", found=paging.paginator.count)
    page = DueRowsPage(
        tuple(_rows(paging, now)),
        paging,
        _query(which, system),
        tuple(
            Choice(words, _query(name, system), name == which) for name, words in {"": "All", **LISTS}.items()
        ),
        tuple(
            Choice(words, _query(which, slug), slug == system)
            for slug, words in [("", "All systems"), *((each.slug, each.name) for each in systems())]
        ),
    )
    title = f"Deadlines: {LISTS[which].lower()}" if which in LISTS else "Deadlines: all that wait"
    return show(request, "deadline_rows", title=title, page=page)


def _rows(paging: Page[Clock], now: datetime) -> Iterator[DueRow]:
    listed: Sequence[Clock] = list(paging)
    holders = counting.people_of([each.propagation for each in listed])
    for each in listed:
        yield _row(each, holders.get(each.propagation.identifier_id), now)


def _row(each: Clock, holder: UUID | None, now: datetime) -> DueRow:
    told = each.propagation
    own = told.identifier.kind == IdentifierKind.HEED
    person = told.identifier_id if own else holder
    return DueRow(
        person,
        short(person) if person else "Nobody holds it now",
        "" if own else told.identifier.get_kind_display(),
        told.destination.name,
        propagation_mark(told.standing),
        reason_words(told.reason) if told.standing in TROUBLED else "",
        due_mark(each, now),
        left(each, now),
        said_at(each.received_at),
        each.rule.name,
        each.rule.source,
    )
