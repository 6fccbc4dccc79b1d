"""Correcting an address: which one, the new one, and the code that went there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from destinations.services import texting_out
from portal import keeping, ordering, proving, selectors, stepup, visits
from portal.addresses import AddressesPage, Own, own_addresses
from portal.codes import Refused, TooMany
from portal.correcting import correct
from portal.digits import typed
from portal.entering import CodePage
from portal.evidence import circumstances
from portal.proving import Asked, Unreadable
from portal.responses import private, see_other, show, status_of, visit_over
from portal.terms import CodeProblem
from portal.visits import Visit
from preferences.errors import Forbidden
from preferences.services import may_correct


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    """Say which address is no longer right, and which one is. A link alone may only look."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    if request.method != "POST":
        return _look(request, visit)
    if ask := stepup.needed(request, visit):
        return ask
    if _closed(visit):
        return _look(request, visit)
    own = {str(each.id): each for each in _own(visit)}
    old = own.get(request.POST.get("old", ""))
    if request.POST.get("act") == "gone":
        return _gone(request, visit, old) if old else _look(request, visit, "which")
    return _send(request, visit, old)


def _own(visit: Visit) -> tuple[Own, ...]:
    return own_addresses(selectors.see_with_deliverability(visit.profile_id, timezone.now()))


def _closed(visit: Visit) -> str:
    """Why nothing can be corrected here; empty where it can."""
    if selectors.see(visit.profile_id, timezone.now()).person.order:
        return "order"
    if visit.proxy_id and not may_correct(visit.profile_id, visit.proxy_id):
        return "proxy"
    return ""


def _look(request: HttpRequest, visit: Visit, problem: str = "") -> HttpResponse:
    page = AddressesPage(
        _own(visit),
        texts=texting_out.can_send(),
        closed=_closed(visit),
        problem=problem,
        picked=request.POST.get("old", ""),
        given=proving.given(request, visit, problem),
    )
    refused = page.closed and request.method == "POST"
    return show(request, "addresses", page, visit=visit, status=403 if refused else status_of(problem))


def _send(request: HttpRequest, visit: Visit, old: Own | None) -> HttpResponse:
    try:
        new = proving.entered(request.POST.get("address", ""))
        if old and old.kind != new.kind:
            return _look(request, visit, "kind")
        proving.begin(request, visit, new, old=old.id if old else None)
    except Unreadable as unreadable:
        return _look(request, visit, unreadable.problem)
    except TooMany:
        return _look(request, visit, "too_many")
    return see_other("portal:prove")


def _gone(request: HttpRequest, visit: Visit, old: Own) -> HttpResponse:
    return _corrected(request, visit, None, old.id)


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Enter the code that went to the new address, or have another one sent."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    waiting = proving.asked(request, visit)
    if waiting is None or not visit.by_code:
        return see_other("portal:addresses")
    if request.method != "POST":
        return _ask(request, visit, waiting)
    match request.POST.get("act"):
        case "leave":
            proving.drop(request)
            return see_other("portal:only" if waiting.for_order else "portal:addresses")
        case "send":
            return _again(request, visit, waiting)
    return _enter(request, visit, waiting)


def _ask(
    request: HttpRequest, visit: Visit, waiting: Asked, problem: str = "", left: int = 0
) -> HttpResponse:
    change = "portal:only" if waiting.for_order else "portal:addresses"
    page = CodePage(proving.typed(waiting), "portal:prove", problem, left, change)
    return show(request, "code", page, visit=visit, status=status_of(problem))


def _again(request: HttpRequest, visit: Visit, waiting: Asked) -> HttpResponse:
    try:
        proving.again(request, waiting)
    except TooMany:
        return _ask(request, visit, waiting, "too_many")
    except Refused:
        return see_other("portal:addresses")
    return see_other("portal:prove")


def _enter(request: HttpRequest, visit: Visit, waiting: Asked) -> HttpResponse:
    if not (given := typed(request.POST.get("code", ""))):
        return _ask(request, visit, waiting, CodeProblem.MALFORMED)
    try:
        new = proving.enter(request, waiting, given, visit)
    except Refused as refused:
        return _ask(request, visit, waiting, refused.problem, refused.left)
    if waiting.for_order:
        ordering.remember(request, visit, new)
        return see_other("portal:only")
    return _corrected(request, visit, new, None if new == waiting.old else waiting.old)


def _corrected(request: HttpRequest, visit: Visit, new: UUID | None, old: UUID | None) -> HttpResponse:
    evidence, now = circumstances(request, page=request.path), timezone.now()
    try:
        change = correct(visit=visit, new=new, old=old, evidence=evidence, now=now)
    except Forbidden:  # an order was given, or a grant ended, meanwhile
        return _look(request, visit)
    if new and not visit.proxy_id:
        visits.strengthen(request, new)
    elif old and not visit.proxy_id:
        visits.outlast(request, old)
    if change is None:  # said in another window already
        return see_other("portal:addresses")
    keeping.keep_final(request, [change])
    return see_other("portal:saved")
