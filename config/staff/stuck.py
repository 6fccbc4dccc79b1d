"""What is stuck: by system and reason, what is in somebody's hands, and the rows behind each number."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from config.staff import alarms, counting, hands, seconds
from config.staff.access import actor, may, needs, show
from config.staff.alarms import AlarmLine
from config.staff.counting import Group
from config.staff.hands import Task
from config.staff.permissions import AGREE, CONFIRM, HAND_OVER, RETRY, SEE_PEOPLE, SEE_SYSTEMS
from config.staff.seconds import Asked
from config.staff.words import Mark, moment, propagation_mark, reason_words, short
from destinations.models import Propagation
from destinations.services import retry as retry_now
from destinations.terms import REMEDIES, PropagationState
from preferences import services
from preferences.terms import IdentifierKind

LISTS = {"waiting": "Waiting to be told", "stuck": "Needs a person"}


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One system and one reason."""

    system: str
    state: Mark
    why: str
    remedy: str
    count: int
    oldest: str
    query: str
    can_hand: bool


@dataclass(frozen=True, slots=True)
class StuckPage:
    """All that is stuck, what waits for a second person, and what is in somebody's hands."""

    rows: tuple[StuckRow, ...]
    asked: tuple[Asked, ...]
    tasks: tuple[Task, ...]
    may_retry: bool
    may_hand: bool
    may_confirm: bool
    may_agree: bool
    may_see: bool
    alarms: tuple[AlarmLine, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row behind a number."""

    id: UUID
    profile_id: UUID | None
    person: str
    about: str
    system: str
    state: Mark
    why: str
    since: str
    can_hand: bool


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The rows behind a number."""

    rows: tuple[Waiting, ...]
    paging: Page[Propagation]
    query: str
    may_retry: bool
    may_hand: bool


@require_safe
@needs(SEE_SYSTEMS)
def stuck(request: HttpRequest) -> HttpResponse:
    """By system and reason; numbers only, so whoever is staff may look."""
    rows = tuple(line(each) for each in counting.groups())
    page = StuckPage(
        rows,
        seconds.waiting(request),
        hands.tasks(),
        may_retry=may(request, RETRY),
        may_hand=may(request, HAND_OVER),
        may_confirm=may(request, CONFIRM),
        may_agree=may(request, AGREE),
        may_see=may(request, SEE_PEOPLE),
        alarms=alarms.lines(),
    )
    return show(request, "stuck", title="What is stuck", page=page)


def line(group: Group) -> StuckRow:
    """One group, in words."""
    query = urlencode({"system": group.slug, "state": group.state, "reason": group.reason})
    return StuckRow(
        group.system,
        propagation_mark(group.state, failing=group.state == PropagationState.LATER),
        reason_words(group.reason) or "No reason was given.",
        REMEDIES.get(group.reason, ""),
        group.count,
        moment(group.oldest),
        query,
        can_hand=group.state == PropagationState.STUCK,
    )


@require_safe
@needs(SEE_PEOPLE)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a number of the home page, or behind one line of what is stuck."""
    asked = _asked(request)
    if asked["list"] in LISTS:
        condition = counting.WAITING if asked["list"] == "waiting" else counting.STUCK
        found, title = Propagation.objects.filter(condition), LISTS[asked["list"]]
    else:
        found, title = counting.in_group(asked["system"], asked["state"], asked["reason"]), "What is stuck"
    paging = counting.page_of(found, request.GET.get("page", 1))
    services.log_view(actor=actor(request), page="rows to be told", found=paging.paginator.count)
    page = RowsPage(
        tuple(_waiting(paging)),
        paging,
        _query(asked),
        may_retry=may(request, RETRY),
        may_hand=may(request, HAND_OVER),
    )
    return show(request, "rows", title=title, page=page)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("list", "system", "state", "reason")}


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


@require_POST
@needs(SEE_PEOPLE)
@needs(RETRY)
def retry_one(request: HttpRequest) -> HttpResponse:
    """Try one row of a list now, and go on with the list."""
    try:
        wanted = UUID(request.POST.get("propagation", ""))
    except ValueError:
        raise Http404 from None
    count = retry_now(propagation_ids={wanted}, by=actor(request))
    messages.success(request, "It will be tried again now." if count else "It was told in the meantime.")
    return redirect(f"{reverse('admin:rows')}?{_query(_asked(request))}")


def _waiting(paging: Page[Propagation]) -> Sequence[Waiting]:
    holders = counting.people_of(paging)
    return [_one(row, holders.get(row.identifier_id)) for row in paging]


def _one(row: Propagation, holder: UUID | None) -> Waiting:
    own = row.identifier.kind == IdentifierKind.HEED
    person = row.identifier_id if own else holder
    return Waiting(
        row.pk,
        person,
        short(person) if person else "Nobody holds it now",
        "" if own else row.identifier.get_kind_display(),
        row.destination.name,
        propagation_mark(row.state),
        reason_words(row.reason),
        moment(row.wanted_at),
        can_hand=row.state == PropagationState.STUCK,
    )
