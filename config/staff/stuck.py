"""What is stuck: by system and reason, the rows behind each number, and trying them all again."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.staff import alarms, counting
from config.staff.access import RETRY, SEE_PEOPLE, actor, may, needs, show
from config.staff.alarms import AlarmLine
from config.staff.counting import Group
from config.staff.words import Mark, moment, propagation_mark, reason_words, short
from destinations.models import Propagation
from destinations.services import retry as retry_now
from destinations.terms import PropagationState
from preferences import services
from preferences.terms import IdentifierKind

CHUNK = 500
LISTS = {"waiting": "Waiting to be told", "stuck": "Needs a person"}


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One system and one reason."""

    system: str
    state: Mark
    why: str
    count: int
    oldest: str
    query: str


@dataclass(frozen=True, slots=True)
class StuckPage:
    """All that is stuck."""

    rows: tuple[StuckRow, ...]
    may_retry: bool
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


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The rows behind a number."""

    rows: tuple[Waiting, ...]
    paging: Page[Propagation]
    query: str
    may_retry: bool


@require_safe
def stuck(request: HttpRequest) -> HttpResponse:
    """By system and reason; numbers only, so whoever is staff may look."""
    rows = tuple(_row(each) for each in counting.groups())
    return show(
        request, "stuck", title="What is stuck", page=StuckPage(rows, may(request, RETRY), alarms.lines())
    )


def _row(group: Group) -> StuckRow:
    query = urlencode({"system": group.slug, "state": group.state, "reason": group.reason})
    return StuckRow(
        group.system,
        propagation_mark(group.state, failing=group.state == PropagationState.LATER),
        reason_words(group.reason) or "No reason was given.",
        group.count,
        moment(group.oldest),
        query,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RETRY)
def retry_all(request: HttpRequest) -> HttpResponse:
    """Say how many there are; once confirmed, try them now."""
    asked = [request.GET.get(name, "") for name in ("system", "state", "reason")]
    found = next((each for each in counting.groups() if [each.slug, each.state, each.reason] == asked), None)
    if found is None:
        messages.info(request, "Nothing of that kind is stuck any more.")
        return redirect("admin:stuck")
    if request.method != "POST":
        return show(request, "retry", title="Try them all again", page=_row(found))
    ids = list(counting.in_group(*asked).values_list("pk", flat=True))
    count = sum(
        retry_now(propagation_ids=ids[start : start + CHUNK], by=actor(request))
        for start in range(0, len(ids), CHUNK)
    )
    messages.success(request, f"{count} will be tried again now.")
    return redirect("admin:stuck")


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
    page = RowsPage(tuple(_waiting(paging)), paging, _query(asked), may(request, RETRY))
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
    )
