"""The person's own history, and receipts to keep: as a page to print, and as a file."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import keeping, past, selectors, stepup, visits
from portal.history import history_page, reference
from portal.past import Past
from portal.receipt import as_json
from portal.receipt import receipt as receipt_page
from portal.responses import NUMBER, private, see_other, show, visit_over
from portal.selectors import System
from portal.telling import progress
from portal.visits import Visit
from portal.wording import language

MOST = 20  # entries on one receipt


@private()
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """What was recorded about the person: for nobody else's eyes, so a code is asked for first."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    if visit.proxy_id:
        return see_other("portal:page")
    visits.stay(request)
    if ask := stepup.needed(request, visit):
        return ask
    page = past.page_of(visit.profile_id, request.GET.get("page", "1"), language())
    return show(request, "history", history_page(page))


@private()
@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Of the last save of this visit; with `of`, of entries of the history, which take a code."""
    return _receipt(request, as_file=False)


@private()
@require_safe
def receipt_file(request: HttpRequest) -> HttpResponse:
    """The same as JSON, to be kept."""
    return _receipt(request, as_file=True)


def _receipt(request: HttpRequest, *, as_file: bool) -> HttpResponse:
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    asked = [int(each) for each in request.GET.getlist("of")[:MOST] if NUMBER.fullmatch(each)]
    if asked and visit.proxy_id:
        return see_other("portal:page")
    if asked and (ask := stepup.needed(request, visit)):
        return ask
    found = past.some(visit.profile_id, asked or _just_saved(request), language())
    if not found.changes:
        return see_other("portal:page")
    return _as_file(visit, found) if as_file else _as_page(request, visit, found, asked)


def _just_saved(request: HttpRequest) -> Sequence[int]:
    last = keeping.saved(request)
    return (last.undone or last.changes) if last else ()


def _systems(visit: Visit, found: Past) -> tuple[System, ...]:
    return selectors.systems(visit.profile_id, language(), about=selectors.cells_of(found.changes))


def _as_page(request: HttpRequest, visit: Visit, found: Past, asked: Sequence[int]) -> HttpResponse:
    page = receipt_page(
        found,
        progress(_systems(visit, found)),
        due=selectors.due(found.standing),
        reached_at=found.naming.masked.get(visit.address_id, "") if visit.address_id else "",
        more="&".join(f"of={each}" for each in asked),
        now=timezone.now(),
    )
    return show(request, "receipt", page, visit=visit)


def _as_file(visit: Visit, found: Past) -> HttpResponse:
    body = as_json(
        found,
        progress(_systems(visit, found)),
        due=selectors.due(found.standing),
        now=timezone.now(),
    )
    response = JsonResponse(body, json_dumps_params={"indent": 2, "ensure_ascii": False})
    name = f"receipt-{reference(found.changes[0])}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
